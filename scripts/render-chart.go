// Renders a Helm chart with the engine Helm renders with: text/template and sprig.
//
//	render CHART RELEASE NAMESPACE [VALUES.yaml…]
//
// Prints the manifests, as `helm template` does. Values are merged as Helm merges them: mappings key by
// key, everything else replaced, null taken away.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func mapping(path string) map[string]interface{} {
	text, err := os.ReadFile(path)
	check(err)
	values := map[string]interface{}{}
	check(yaml.Unmarshal(text, &values))
	return values
}

func merge(into, from map[string]interface{}) {
	for key, value := range from {
		mine, isMine := into[key].(map[string]interface{})
		theirs, isTheirs := value.(map[string]interface{})
		switch {
		case value == nil:
			delete(into, key)
		case isMine && isTheirs:
			merge(mine, theirs)
		default:
			into[key] = value
		}
	}
}

func toYAML(value interface{}) (string, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

func main() {
	chart, release, namespace := os.Args[1], os.Args[2], os.Args[3]
	values := mapping(filepath.Join(chart, "values.yaml"))
	for _, file := range os.Args[4:] {
		merge(values, mapping(file))
	}
	about := mapping(filepath.Join(chart, "Chart.yaml"))
	root := template.New("chart").Option("missingkey=zero").Funcs(sprig.TxtFuncMap())
	root.Funcs(template.FuncMap{
		"toYaml": toYAML,
		"include": func(name string, data interface{}) (string, error) {
			var out strings.Builder
			err := root.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
		"required": func(complaint string, value interface{}) (interface{}, error) {
			if value == nil || value == "" {
				return nil, fmt.Errorf("%s", complaint)
			}
			return value, nil
		},
	})
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		_, err = root.New(file).Parse(string(text))
		check(err)
	}
	data := map[string]interface{}{
		"Values":  values,
		"Release": map[string]interface{}{"Name": release, "Namespace": namespace, "Service": "Helm"},
		"Chart": map[string]interface{}{
			"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"],
		},
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") {
			continue
		}
		var out strings.Builder
		check(root.ExecuteTemplate(&out, file, data))
		text := strings.ReplaceAll(out.String(), "<no value>", "")
		if name == "NOTES.txt" || strings.TrimSpace(text) == "" {
			continue
		}
		text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "---"))
		fmt.Printf("---\n# Source: fairlead/templates/%s\n%s\n", name, text)
	}
}
