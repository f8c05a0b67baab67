// SPDX-License-Identifier: Apache-2.0

//go:build !sonic

package main

import "encoding/json"

var unmarshal, marshal = json.Unmarshal, json.Marshal
