// SPDX-License-Identifier: Apache-2.0

// strict FILES... - reads kubeconfigs and AdmissionConfigurations with the code of client and API server, and reports unknown
// fields.
package main

import (
	"fmt"
	"os"

	webhookconfig "k8s.io/apiserver/pkg/admission/plugin/webhook/config/apis/webhookadmission/v1"
	apiserver "k8s.io/apiserver/pkg/apis/apiserver/v1"
	kubeconfig "k8s.io/client-go/tools/clientcmd/api/v1"
	"sigs.k8s.io/yaml"
)

func check(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var head struct{ Kind string }
	if err := yaml.Unmarshal(text, &head); err != nil {
		return err
	}
	switch head.Kind {
	case "Config":
		return yaml.UnmarshalStrict(text, &kubeconfig.Config{})
	case "AdmissionConfiguration":
		var configuration apiserver.AdmissionConfiguration
		if err := yaml.UnmarshalStrict(text, &configuration); err != nil {
			return err
		}
		for _, plugin := range configuration.Plugins {
			if plugin.Name == "ValidatingAdmissionWebhook" {
				return yaml.UnmarshalStrict(plugin.Configuration.Raw, &webhookconfig.WebhookAdmission{})
			}
		}
		return nil
	}
	return fmt.Errorf("kind '%s' is not expected here", head.Kind)
}

func main() {
	for _, file := range os.Args[1:] {
		if err := check(file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			os.Exit(1)
		}
	}
}
