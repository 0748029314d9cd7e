//go:build !unix

package cputime

import "testing"

// Report reports nothing: there is no getrusage here.
func Report(*testing.B) (end func()) { return func() {} }
