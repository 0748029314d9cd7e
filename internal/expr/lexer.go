package expr

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is what a token can be used for.
type tokenKind uint8

const (
	tokenEnd         tokenKind = iota // the end of the text
	tokenName                         // a bare attribute or function name
	tokenPlaceholder                  // #name
	tokenValue                        // :value
	tokenIndex                        // digits
	tokenWord                         // a word of the grammar: AND, SET and the like
	tokenSymbol                       // an operator or a bracket
	tokenStray                        // a character that begins no token
)

// token is one token of an expression.
type token struct {
	kind       tokenKind
	text       string // as written; for tokenWord in upper case
	start, end int    // where it stands in the expression
}

// words are the words of the grammar, which never stand for attributes.
var words = []string{"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"}

// lex cuts an expression into tokens, of which the last is its end. Every text has tokens; what is wrong with them is
// found by the parser.
func lex(text string) []token {
	tokens := make([]token, 0, len(text)/3+2)
	for i := 0; i < len(text); {
		start := i
		c := text[i]
		i++
		kind := tokenSymbol
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			continue
		case isLetter(c):
			i += nameLength(text[i:])
			kind = tokenName
		case (c == '#' || c == ':') && nameLength(text[i:]) > 0:
			i += nameLength(text[i:])
			kind = tokenPlaceholder
			if c == ':' {
				kind = tokenValue
			}
		case c == '0':
			kind = tokenIndex
		case isDigit(c):
			for i < len(text) && isDigit(text[i]) {
				i++
			}
			kind = tokenIndex
		case c == '<' && i < len(text) && (text[i] == '>' || text[i] == '='), c == '>' && i < len(text) &&
			text[i] == '=':
			i++
		case strings.IndexByte("()[].,=<>+-", c) >= 0:
		default:
			_, size := utf8.DecodeRuneInString(text[start:])
			i = start + size
			kind = tokenStray
		}
		t := token{kind: kind, text: text[start:i], start: start, end: i}
		if kind == tokenName {
			for _, word := range words {
				if strings.EqualFold(t.text, word) {
					t.kind, t.text = tokenWord, word
				}
			}
		}
		tokens = append(tokens, t)
	}
	return append(tokens, token{kind: tokenEnd, text: "<EOF>", start: len(text), end: len(text)})
}

// nameLength returns how many bytes at the start of a text may go on a name.
func nameLength(text string) int {
	n := 0
	for n < len(text) && (isLetter(text[n]) || isDigit(text[n]) || text[n] == '_') {
		n++
	}
	return n
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
