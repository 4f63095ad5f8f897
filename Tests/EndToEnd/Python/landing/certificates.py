"""Certificates made for a run, all by one authority and with one key."""
import pathlib, ssl, subprocess, threading


class Certificates:
    def __init__(self, folder):
        self.folder, self._made, self._labels, self._lock = pathlib.Path(folder), {}, {}, threading.Lock()
        self.key, self.authority = self.folder / "key.pem", self.folder / "authority.pem"
        # RSA, so that every cipher suite a server may be restricted to has a chance.
        self.make_key(self.key)
        self._openssl("req", "-x509", "-key", self.key, "-days", "2", "-subj", "/CN=authority", "-out", self.authority)

    def make_key(self, path):
        self._openssl("genrsa", "-out", path, "2048")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def file(self, label, names=("DNS:*",)):
        """The PEM file of the certificate by that label, for those names (a tuple of SANs as openssl writes them)."""
        with self._lock:
            if (label, names) not in self._made:
                path = self.folder / f"certificate{len(self._made)}.pem"
                self._openssl("req", "-x509", "-CA", self.authority, "-CAkey", self.key, "-key", self.key, "-days", "2", "-subj",
                              f"/CN=certificate{len(self._made)}", "-addext", "subjectAltName=" + ",".join(names), "-out", path)
                self._made[label, names] = path
                self._labels[ssl.PEM_cert_to_DER_cert(path.read_text())] = label
            return self._made[label, names]

    def label(self, der):
        return self._labels.get(der, "another")

    def named(self, subject):
        """The label of the certificate whose subject has that common name."""
        return next((label for (label, _), path in self._made.items() if path.stem == subject), None)
