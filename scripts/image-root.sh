#!/usr/bin/env bash
# The files of a container image, in an empty folder: the binary, the libraries that it names, the
# certificates of public authorities, and a user without rights. No shell, and nothing else:
#   image-root.sh BINARY FOLDER
set -euo pipefail
binary=$1 root=$2
mkdir -p "$root/etc/ssl/certs" "$root/proc" "$root/tmp"
chmod 1777 "$root/tmp"
install -m 755 "$binary" "$root/fairlead"
# Lines of ldd are "name => path (address)", or "path (address)" for the loader.
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do
  install -D -m 755 "$library" "$root$library"
done
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'fairlead:x:65532:65532::/:/none' > "$root/etc/passwd"
echo 'fairlead:x:65532:' > "$root/etc/group"
