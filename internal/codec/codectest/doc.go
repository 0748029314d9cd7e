// Package codectest has Go types that put every rule of the codec to use, and draws types, values and items at random:
// for the tests of the codec and of the packages about it.
package codectest
