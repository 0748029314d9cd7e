// Package fromwire decodes items from DynamoDB JSON as it comes over the wire, straight into values of a codec.Plan's
// type. What its Reader gives is what the SDK and Plan.Decode would have given; what it is not sure of is left to them.
package fromwire
