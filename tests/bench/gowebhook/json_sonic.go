// SPDX-License-Identifier: Apache-2.0

//go:build sonic

package main

import "github.com/bytedance/sonic"

var unmarshal, marshal = sonic.ConfigDefault.Unmarshal, sonic.ConfigDefault.Marshal
