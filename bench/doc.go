// Package bench compares monotable with hand-written SDK code and with guregu/dynamo, in one process and over the same
// responses. It is a module of its own so that peers are no dependency of the library. BENCHMARKS.md says how to run
// it.
package bench
