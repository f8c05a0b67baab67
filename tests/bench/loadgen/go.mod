// SPDX-License-Identifier: Apache-2.0
module loadgen

go 1.25
