// Package response makes rows of what the service answers: items decoded from their JSON straight into values of a Go
// type where the client is the SDK's, and attribute maps otherwise.
//
// A response of a *dynamodb.Client has its items decoded from their JSON straight into values of T, and the SDK decodes
// what is left, "Items":[] and all the rest. It stands in the place of the SDK's own deserializer, which it calls, so
// that errors, retries, checksums, gzip, logs, traces and metrics are the SDK's as before. What it is not sure of stays
// in the response and is decoded by the SDK. A client that ignores option functions never hears of it.
package response
