// SPDX-License-Identifier: Apache-2.0

// gowebhook is what tagmoor is measured against: the webhook that a Go team writes by hand in an
// afternoon, with net/http, k8s.io/api types and encoding/json.  It denies images without tag or
// digest and images tagged latest, and does much less than tagmoor.  At /thin it decodes only what
// it needs; the build tag sonic swaps the decoder for a faster one.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func mutable(image string) string {
	if strings.Contains(image, "@") {
		return ""
	}
	last := image[strings.LastIndexByte(image, '/')+1:]
	_, tag, ok := strings.Cut(last, ":")
	switch {
	case !ok:
		return "has no tag"
	case tag == "latest":
		return "uses the tag latest"
	}
	return ""
}

func check(spec *corev1.PodSpec) (bad []string) {
	add := func(path, name, image string) {
		if why := mutable(image); why != "" {
			bad = append(bad, fmt.Sprintf("%s %q: image %q %s", path, name, image, why))
		}
	}
	for _, c := range spec.Containers {
		add("container", c.Name, c.Image)
	}
	for _, c := range spec.InitContainers {
		add("init container", c.Name, c.Image)
	}
	for _, c := range spec.EphemeralContainers {
		add("ephemeral container", c.Name, c.Image)
	}
	return bad
}

func podSpec(kind string, raw []byte) (*corev1.PodSpec, error) {
	switch kind {
	case "Pod":
		var o corev1.Pod
		err := unmarshal(raw, &o)
		return &o.Spec, err
	case "Deployment":
		var o appsv1.Deployment
		err := unmarshal(raw, &o)
		return &o.Spec.Template.Spec, err
	case "StatefulSet":
		var o appsv1.StatefulSet
		err := unmarshal(raw, &o)
		return &o.Spec.Template.Spec, err
	case "DaemonSet":
		var o appsv1.DaemonSet
		err := unmarshal(raw, &o)
		return &o.Spec.Template.Spec, err
	case "ReplicaSet":
		var o appsv1.ReplicaSet
		err := unmarshal(raw, &o)
		return &o.Spec.Template.Spec, err
	case "Job":
		var o batchv1.Job
		err := unmarshal(raw, &o)
		return &o.Spec.Template.Spec, err
	case "CronJob":
		var o batchv1.CronJob
		err := unmarshal(raw, &o)
		return &o.Spec.JobTemplate.Spec.Template.Spec, err
	}
	return &corev1.PodSpec{}, nil
}

func validate(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	var review admissionv1.AdmissionReview
	if err == nil {
		err = unmarshal(body, &review)
	}
	if err != nil || review.Request == nil {
		http.Error(w, "bad AdmissionReview", http.StatusBadRequest)
		return
	}
	req := review.Request
	resp := &admissionv1.AdmissionResponse{UID: req.UID, Allowed: true}
	if req.Operation == admissionv1.Create || req.Operation == admissionv1.Update {
		spec, err := podSpec(req.Kind.Kind, req.Object.Raw)
		bad := []string{"the object cannot be decoded"}
		if err == nil {
			bad = check(spec)
		}
		if len(bad) > 0 {
			resp.Allowed = false
			resp.Result = &metav1.Status{Code: 403, Reason: "Forbidden", Message: strings.Join(bad, "; ")}
		}
	}
	review.Request, review.Response = nil, resp
	out, err := marshal(review)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(out)
}

func main() {
	addr := flag.String("addr", "127.0.0.1:9501", "listen address")
	cert := flag.String("cert", "tls.crt", "certificate")
	key := flag.String("key", "tls.key", "key")
	flag.Parse()
	http.HandleFunc("/validate", validate)
	http.HandleFunc("/thin", thin)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	s := &http.Server{Addr: *addr, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	log.Fatal(s.ListenAndServeTLS(*cert, *key))
}
