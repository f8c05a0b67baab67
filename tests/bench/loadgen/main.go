// SPDX-License-Identifier: Apache-2.0

// loadgen posts one body to an HTTPS URL over keep-alive HTTP/1.1 and prints what it measured as one
// line of JSON.  It speaks HTTP by hand, so that the client stays cheap next to the server on a small
// machine.
//
//	loadgen -url https://127.0.0.1:8443/validate -body pod.json -c 16 -d 5s -pid 1234
//	loadgen ... -rate 500     open loop: latency counts from when a request was due
//	loadgen ... -hold 512     with so many idle connections beside
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var (
	target   = flag.String("url", "", "URL to POST to")
	bodyFile = flag.String("body", "", "request body")
	conns    = flag.Int("c", 1, "connections")
	duration = flag.Duration("d", 5*time.Second, "measured time")
	warm     = flag.Duration("warm", 300*time.Millisecond, "time before that is not measured")
	rate     = flag.Float64("rate", 0, "requests/s over all connections, 0 = as fast as possible")
	count    = flag.Int("n", 0, "stop after this many requests a connection, 0 = after -d")
	hold     = flag.Int("hold", 0, "idle connections to hold beside")
	pid      = flag.String("pid", "", "the server, for its CPU and memory from /proc")
	show     = flag.Bool("show", false, "send one request, print the answer")
)

// measured is the line that is printed.
type measured struct {
	Bytes     int     `json:"bytes"`
	Conns     int     `json:"conns"`
	Rate      float64 `json:"rate"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
	P50us     int64   `json:"p50_us"`
	P99us     int64   `json:"p99_us"`
	MaxUs     int64   `json:"max_us"`
	Allowed   int     `json:"allowed"`
	Denied    int     `json:"denied"`
	Other     int     `json:"other"`
	Failed    int     `json:"failed"`
	Held      int     `json:"held"`
	ServerUs  float64 `json:"server_cpu_us"` // of CPU, a request
	ClientUs  float64 `json:"client_cpu_us"`
	RSSBefore int64   `json:"rss_before_kib"`
	RSSAfter  int64   `json:"rss_after_kib"`
	RSSPeak   int64   `json:"rss_peak_kib"`
}

type result struct {
	latencies              []time.Duration
	allowed, denied, other int
	failed                 int
}

type conn struct {
	tls *tls.Conn
	r   *bufio.Reader
	buf bytes.Buffer
}

func dial(u *url.URL) (*conn, error) {
	c, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	if err != nil {
		return nil, err
	}
	return &conn{tls: c, r: bufio.NewReaderSize(c, 16<<10)}, nil
}

// head reads the status line and the headers that matter.
func (c *conn) head() (status, length int, chunked, closing bool, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, 0, false, false, err
	}
	if len(line) < 12 {
		return 0, 0, false, false, errors.New("short status line")
	}
	status, _ = strconv.Atoi(string(line[9:12]))
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return status, length, chunked, closing, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return status, length, chunked, closing, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch text := string(bytes.TrimSpace(value)); strings.ToLower(string(name)) {
		case "content-length":
			length, _ = strconv.Atoi(text)
		case "transfer-encoding":
			chunked = true
		case "connection":
			closing = strings.EqualFold(text, "close")
		}
	}
}

func (c *conn) chunks() error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, _ := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if _, err = io.CopyN(&c.buf, c.r, n); err != nil {
			return err
		}
		if _, err = c.r.Discard(2); err != nil || n == 0 {
			return err
		}
	}
}

// post sends the prepared request and returns the status and body.
func (c *conn) post(req []byte) (int, []byte, error) {
	if _, err := c.tls.Write(req); err != nil {
		return 0, nil, err
	}
	status, length, chunked, closing, err := c.head()
	if err != nil {
		return status, nil, err
	}
	c.buf.Reset()
	if chunked {
		err = c.chunks()
	} else {
		_, err = io.CopyN(&c.buf, c.r, int64(length))
	}
	if err == nil && closing {
		err = errors.New("server closes")
	}
	return status, c.buf.Bytes(), err
}

func (r *result) count(status int, body []byte) {
	switch {
	case status != 200:
		r.other++
	case bytes.Contains(body, []byte(`"allowed":true`)):
		r.allowed++
	case bytes.Contains(body, []byte(`"allowed":false`)):
		r.denied++
	default:
		r.other++
	}
}

// plan is what one connection does; only requests that start after from are counted.
type plan struct {
	u                 *url.URL
	req               []byte
	begin, from, stop time.Time
	gap               time.Duration
}

func (p *plan) run(id int, done *atomic.Int64) (res result) {
	var c *conn
	var err error
	next := p.begin.Add(p.gap * time.Duration(id) / time.Duration(*conns))
	for {
		start := time.Now()
		if p.gap > 0 {
			time.Sleep(next.Sub(start))
			start, next = next, next.Add(p.gap)
		}
		if start.After(p.stop) || *count > 0 && len(res.latencies)+res.failed >= *count {
			return res
		}
		if c == nil {
			if c, err = dial(p.u); err != nil {
				res.failed++
				time.Sleep(10 * time.Millisecond)
				continue
			}
		}
		status, body, err := c.post(p.req)
		if err != nil {
			c.tls.Close()
			c = nil
			if status == 0 {
				res.failed++
				continue
			}
		}
		done.Add(1)
		if !start.Before(p.from) {
			res.latencies = append(res.latencies, time.Since(start))
			res.count(status, body)
		}
	}
}

// serverCPU returns the CPU time of all threads of the process in microseconds.
func serverCPU() (us float64) {
	threads, _ := filepath.Glob("/proc/" + *pid + "/task/*/schedstat")
	for _, path := range threads {
		b, _ := os.ReadFile(path)
		if f := strings.Fields(string(b)); len(f) > 0 {
			ns, _ := strconv.ParseFloat(f[0], 64)
			us += ns / 1000
		}
	}
	return us
}

// status reads a field such as VmRSS of /proc/PID/status, in KiB.
func status(field string) (kib int64) {
	b, _ := os.ReadFile("/proc/" + *pid + "/status")
	for _, line := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(line, field+":") {
			kib, _ = strconv.ParseInt(strings.Fields(line)[1], 10, 64)
		}
	}
	return kib
}

func ownCPU() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Sec+used.Stime.Sec)*1e6 + float64(used.Utime.Usec+used.Stime.Usec)
}

func percentile(sorted []time.Duration, q float64) int64 {
	if len(sorted) == 0 {
		return -1
	}
	return sorted[int(q*float64(len(sorted)-1))].Microseconds()
}

func holdIdle(u *url.URL) (held []*conn) {
	for range *hold {
		if c, err := dial(u); err == nil {
			held = append(held, c)
		}
	}
	return held
}

func measure(u *url.URL, req []byte) measured {
	held := holdIdle(u)
	if *pid != "" { // restart the peak
		_ = os.WriteFile("/proc/"+*pid+"/clear_refs", []byte("5"), 0)
	}
	m := measured{Conns: *conns, Rate: *rate, Held: len(held), RSSBefore: status("VmRSS")}
	begin := time.Now()
	p := plan{u: u, req: req, begin: begin, from: begin.Add(*warm), stop: begin.Add(*warm + *duration)}
	if *rate > 0 {
		p.gap = time.Duration(float64(time.Second) * float64(*conns) / *rate)
	}
	results := make([]result, *conns)
	var wait sync.WaitGroup
	var done atomic.Int64
	for i := range results {
		wait.Go(func() { results[i] = p.run(i, &done) })
	}
	time.Sleep(time.Until(p.from))
	done0, server0, own0 := done.Load(), serverCPU(), ownCPU()
	ended := make(chan struct{})
	go func() { wait.Wait(); close(ended) }()
	select {
	case <-time.After(time.Until(p.stop)):
	case <-ended:
	}
	if *count > 0 {
		wait.Wait()
	}
	m.Seconds = time.Since(p.from).Seconds()
	done1, server1, own1 := done.Load(), serverCPU(), ownCPU()
	wait.Wait()
	var latencies []time.Duration
	for _, r := range results {
		latencies = append(latencies, r.latencies...)
		m.Allowed, m.Denied, m.Other, m.Failed = m.Allowed+r.allowed, m.Denied+r.denied, m.Other+r.other, m.Failed+r.failed
	}
	slices.Sort(latencies)
	m.P50us, m.P99us, m.MaxUs = percentile(latencies, .5), percentile(latencies, .99), percentile(latencies, 1)
	n := float64(max(done1-done0, 1))
	m.PerSecond, m.ServerUs, m.ClientUs = n/m.Seconds, (server1-server0)/n, (own1-own0)/n
	m.RSSAfter, m.RSSPeak = status("VmRSS"), status("VmHWM")
	return m
}

func main() {
	flag.Parse()
	u, err := url.Parse(*target)
	body, err2 := os.ReadFile(*bodyFile)
	if err = errors.Join(err, err2); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	req := append(fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kube-apiserver-admission\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		u.RequestURI(), u.Host, len(body)), body...)
	if *show {
		c, err := dial(u)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		status, answer, _ := c.post(req)
		fmt.Println(status, string(answer))
		return
	}
	m := measure(u, req)
	m.Bytes = len(body)
	line, _ := json.Marshal(m)
	fmt.Println(string(line))
}
