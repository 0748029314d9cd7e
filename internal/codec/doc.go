// Package codec turns Go structs into items and back, by plans that are compiled once per type.
//
// A Plan is a graph of nodes, one for each Go type under one set of dynamodbav options. Every kind of type has its own
// arm in the encoder and in the decoder; nothing is handed on to attributevalue but a type's own
// attributevalue.Marshaler and Unmarshaler, for that attribute alone. Field gives a plan's attributes to those who need
// a T's encoding without a whole T: keys, operands of expressions, conditions.
//
// # Packages
//
// What a type is to an item, codec/gotype tells: its nodes, with the attributes of structs and the way to each in
// memory. What is wrong, codec/failure words, without values; texts of numbers and times are codec/scalar's. This
// package encodes, decodes and weighs values by nodes, and gives plans to two packages above it: codec/fromwire, which
// reads items from the service's JSON with the help of codec/jsonscan, and codec/edit, which tells what a
// read-modify-write changes.
//
// # Rules
//
// A struct is encoded and decoded as package attributevalue of the AWS SDK does it with its default options, tag by tag
// and type by type: field promotion, omitempty, omitemptyelem, nullempty, nullemptyelem, string, unixtime, sets, map
// keys by TextMarshaler, N into an interface as float64 (which loses digits beyond 17; use attributevalue.Number or a
// types.AttributeValue to keep them), attribute names that differ in case only, decoding onto values that are there
// already. The errors have the types of attributevalue's in their chain. Tests compare both on random types, values and
// items.
//
// # Differences
//
// These are wanted, each for one of three reasons: nothing is lost in silence, what DynamoDB would refuse is an error
// before it is sent, and nothing panics. What can be told from the type alone is an error of Of.
//
//	                                        attributevalue                  here
//	Types (errors of Of)
//	chan, func, complex, uintptr            dropped                         error; inside an interface, of Encode
//	struct without exported fields          an empty map                    error
//	embedded time.Time without a name       dropped                         error
//	embedded unexported pointer, non-struct
//	  or named struct                       panic, or never set             error
//	two fields of a struct with one name    both or one dropped             error
//	unknown options                         ignored                         error
//	omitempty with nullempty, two kinds of
//	  set                                   error at a zero value; ignored  error
//	set option on what is no list, or whose
//	  elements do not suit                  ignored; error                  error
//	unixtime on other than times, numbers   ignored                         error
//	option string on a time                 cannot be read back             error
//	map key without a name                  error at run time               error
//	map key that cannot be read back        error when decoding             error
//
//	Encoding
//	types.AttributeValue                    a map with the name Value       itself, not copied
//	type made of map[string]types.AttributeValue
//	  with a Marshaler or Unmarshaler        its methods are called          itself, methods unused
//	pointer to an interface                 dropped                         what the interface holds
//	list of a named byte type               panic                           B
//	map keys with the same text             one of them                     error
//	nil in a list or map of AttributeValue  NULL                            error
//	nil pointer to a Marshaler, behind a
//	  pointer or in an interface            its method is called            NULL
//	T's own Marshaler gives no map          an empty item                   error
//	text, map key or name not UTF-8          the SDK sends U+FFFD             error
//	set with an element twice               refused by the service          error
//	AttributeValue that DynamoDB cannot
//	  hold, in T or from a Marshaler         refused by the service          error
//	NaN, infinities, floats out of range,
//	  Number that is no number              refused by the service          error
//	time with a year RFC 3339 lacks         cannot be read back             error
//	more than 32 levels, cycles             refused; stack overflow         error
//
//	Decoding
//	nil AttributeValue                      NULL                            error
//	attributes that T does not name         lost                            kept in the field tagged "unknown"
//	names that differ in case only          in random order                 the exact one; else the first by name
//	L, SS, NS, BS longer than an array      the rest is lost                error
//	B of another length than an array       panic                           error
//	M into a time                           nothing                         error
//	empty list or set onto a slice          the old elements stay           an empty slice
//	onto an interface that holds a value    panic, or onto that value       a new value; onto what a pointer points to
//	into an interface with methods          panic                           error
//	NULL into types.AttributeValue          nil                             NULL
//
//	Errors                                  without a place, with values    path of the attribute, no values,
//	                                                                        nor keys of maps
//
// # Unknown attributes
//
// A struct, also one that is a map inside an item, may have one exported field of type map[string]types.AttributeValue,
// or of a type made of that, tagged monotable:"unknown". Decoding puts every attribute there that no field has the
// exact name of, and nil if there is none; encoding adds them, and refuses one that has a field's name.
package codec
