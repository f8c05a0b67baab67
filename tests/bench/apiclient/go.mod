// SPDX-License-Identifier: Apache-2.0
module apiclient

go 1.25
