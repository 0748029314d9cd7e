package wire

// The service names the JSON token that it found and the Java type that it wanted. These are its words, by kind of
// wanted type; they end in a message and nowhere else. Those of binaries and of what is no structure were captured from
// us-east-1 between June and October 2026.

const (
	unexpectedField     = "Unexpected field type"
	unexpectedStructure = "Start of structure or map found where not expected"
	unexpectedToken     = "Unexpected token received from parser"
	byteBuffer          = "ByteBuffer"
	javaPackage         = "com.amazonaws.dynamodb.v20120810."
)

// scalarMismatch is the error for a token, beginning with c, that is no scalar of the named Java type.
func (p *parser) scalarMismatch(c byte, java string) error {
	start := p.at
	if err := p.skip(); err != nil {
		return err
	}
	token := p.text[start:p.at]
	p.at = start
	switch {
	case c == '{':
		return p.fail(unexpectedStructure)
	case c == '[' && java == byteBuffer:
		return p.fail("Unrecognized collection type class java.nio." + java)
	case c == '[':
		return p.fail("Unrecognized collection type class java.lang." + java)
	case java == byteBuffer:
		return p.fail("only base-64-encoded strings are convertible to bytes")
	}
	switch c {
	case 't':
		return p.fail("TRUE_VALUE cannot be converted to " + java)
	case 'f':
		return p.fail("FALSE_VALUE cannot be converted to " + java)
	case '"':
		if java == "Boolean" {
			return p.fail(unexpectedToken)
		}
		return p.fail("STRING_VALUE cannot be converted to " + java)
	}
	return p.fail(numberToken(token) + " cannot be converted to " + java)
}

func numberToken(token string) string {
	for i := range len(token) {
		if c := token[i]; c == '.' || c == 'e' || c == 'E' {
			return "DECIMAL_VALUE"
		}
	}
	return "NUMBER_VALUE"
}

// containerMismatch is the error for a token, beginning with c, that is no object ('{') or array ('[') of the wanted
// Java type: a map, list or structure.
func (p *parser) containerMismatch(c, want byte, java string) error {
	start := p.at
	if err := p.skip(); err != nil {
		return err
	}
	p.at = start
	switch {
	case c == '[' && want == '{':
		return p.fail("Unrecognized collection type " + java)
	case c == '{' && want == '[':
		return p.fail(unexpectedStructure)
	}
	return p.fail(unexpectedField)
}
