// SPDX-License-Identifier: Apache-2.0

// apiclient posts one review to an HTTPS URL as kube-apiserver does: through net/http with the settings
// of client-go's transport, so that connections are pooled, kept, given up and dialled as there.  It
// prints what it measured as one line of JSON.
//
//	apiclient -url https://127.0.0.1:8443/validate?timeout=3s -body pod.json -ca tls.crt -want allowed
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var (
	target   = flag.String("url", "", "URL to POST to")
	bodyFile = flag.String("body", "", "request body")
	caFile   = flag.String("ca", "", "certificates to trust, PEM")
	parallel = flag.Int("c", 100, "requests in parallel at most")
	duration = flag.Duration("d", 5*time.Second, "time to send requests")
	pause    = flag.Duration("pause", 500*time.Millisecond, "mean pause after each answer")
	timeout  = flag.Duration("timeout", 3*time.Second, "of one request")
	want     = flag.String("want", "", "text that each answer must have")
)

// measured is the line that is printed.
type measured struct {
	Asked  int64    `json:"asked"`
	Lost   int64    `json:"lost"`
	Wrong  int64    `json:"wrong"`
	Dials  int64    `json:"dials"`
	P50us  int64    `json:"p50_us"`
	P99us  int64    `json:"p99_us"`
	MaxUs  int64    `json:"max_us"`
	Errors []string `json:"errors"` // the first of them
}

type client struct {
	http      http.Client
	dials     atomic.Int64
	lock      sync.Mutex
	latencies []time.Duration
	measured  measured
}

// newClient has the transport of client-go (transport/cache.go) for a webhook.
func newClient(roots *x509.CertPool) *client {
	c := &client{}
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	c.http.Transport = &http.Transport{
		TLSHandshakeTimeout: 10 * time.Second,
		TLSClientConfig:     &tls.Config{RootCAs: roots, ServerName: "localhost"},
		MaxIdleConnsPerHost: 25,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true, // ALPN offers h2 and http/1.1
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c.dials.Add(1)
			return dialer.DialContext(ctx, network, address)
		},
	}
	return c
}

func (c *client) post(body []byte) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, *target, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, */*")
	request.Header.Set("User-Agent", "kube-apiserver-admission")
	response, err := c.http.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode == http.StatusOK && bytes.Contains(answer, []byte(*want)), err
}

func (c *client) count(took time.Duration, right bool, err error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.measured.Asked++
	switch {
	case err != nil:
		c.measured.Lost++
		if len(c.measured.Errors) < 5 {
			c.measured.Errors = append(c.measured.Errors, fmt.Sprintf("after %v: %v", took.Round(time.Millisecond), err))
		}
	case !right:
		c.measured.Wrong++
	default:
		c.latencies = append(c.latencies, took)
	}
}

func (c *client) run(body []byte, until time.Time) {
	time.Sleep(rand.N(*pause + 1))
	for time.Now().Before(until) {
		start := time.Now()
		right, err := c.post(body)
		c.count(time.Since(start), right, err)
		time.Sleep(rand.N(2**pause + 1))
	}
}

func percentile(sorted []time.Duration, q float64) int64 {
	if len(sorted) == 0 {
		return -1
	}
	return sorted[int(q*float64(len(sorted)-1))].Microseconds()
}

func (c *client) measure(body []byte) measured {
	var wait sync.WaitGroup
	until := time.Now().Add(*duration)
	for range *parallel {
		wait.Go(func() { c.run(body, until) })
	}
	wait.Wait()
	slices.Sort(c.latencies)
	m := &c.measured
	m.Dials = c.dials.Load()
	m.P50us, m.P99us, m.MaxUs = percentile(c.latencies, .5), percentile(c.latencies, .99), percentile(c.latencies, 1)
	return *m
}

func main() {
	flag.Parse()
	body, err := os.ReadFile(*bodyFile)
	pem, err2 := os.ReadFile(*caFile)
	if err = errors.Join(err, err2); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	line, _ := json.Marshal(newClient(roots).measure(body))
	fmt.Println(string(line))
}
