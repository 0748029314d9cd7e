// Package jsonscan walks JSON texts byte by byte: Text reads the compact form that DynamoDB writes, and gives up on
// whatever it is not sure of; Skip, Members and Elements walk any well-formed text. It knows nothing of attribute
// values, nor of plans.
package jsonscan
