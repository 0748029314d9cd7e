package partiql

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Position is where something stands in a statement: line and column count characters from 1.
type Position struct{ Line, Column, Length int }

// String is the position as messages have it.
func (p Position) String() string { return fmt.Sprintf("%d:%d:%d", p.Line, p.Column, p.Length) }

type tokenKind uint8

const (
	tokenEnd     tokenKind = iota
	tokenSymbol            // punctuation or an operator
	tokenKeyword           // its text is in lower case
	tokenName
	tokenQuoted // a name in double quotes
	tokenString
	tokenNumber
	tokenIon // what stands between backticks
)

type token struct {
	kind tokenKind
	text string // what it stands for: without quotes, and with doubled ones undone
	at   Position
}

func (t token) is(kind tokenKind, text string) bool { return t.kind == kind && t.text == text }
func (t token) symbol(text string) bool             { return t.is(tokenSymbol, text) }
func (t token) keyword(text string) bool            { return t.is(tokenKeyword, text) }
func (t token) name() bool                          { return t.kind == tokenName || t.kind == tokenQuoted }

// lexer cuts a statement into tokens.
type lexer struct {
	text         string
	at           int
	line, column int
	tokens       []token
}

// lex gives the tokens of a statement, of which the last is its end, and false for a text that is none.
func lex(text string) ([]token, bool) {
	l := &lexer{text: text, line: 1, column: 1}
	for {
		if !l.space() {
			return nil, false
		}
		if l.at == len(l.text) {
			l.tokens = append(l.tokens, token{kind: tokenEnd, at: Position{l.line, l.column, 0}})
			return l.tokens, true
		}
		kind, written, value, ok := l.next()
		if !ok {
			return nil, false
		}
		length := utf8.RuneCountInString(written)
		l.tokens = append(l.tokens, token{kind, value, Position{l.line, l.column, length}})
		l.skip(len(written))
	}
}

// skip goes on by that many bytes.
func (l *lexer) skip(n int) {
	for _, r := range l.text[l.at : l.at+n] {
		l.column++
		if r == '\n' {
			l.line, l.column = l.line+1, 1
		}
	}
	l.at += n
}

// space skips white space and comments; it says false for a comment without an end.
func (l *lexer) space() bool {
	for {
		rest := l.text[l.at:]
		switch {
		case rest != "" && strings.IndexByte(" \t\n\r", rest[0]) >= 0:
			l.skip(1)
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			l.skip(end)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return false
			}
			l.skip(end + 4)
		default:
			return true
		}
	}
}

// symbols are the punctuation and the operators, longer ones first.
var symbols = []string{"<<", ">>", "<>", "<=", ">=", "!=", "||", "+", "-", "*", "/", "%", "=", "<", ">", "(", ")",
	"[", "]",
	"{", "}", ",", ".", ":", ";", "?", "@"}

// next reads one token: as it is written and what it stands for.
func (l *lexer) next() (kind tokenKind, written, value string, ok bool) {
	rest := l.text[l.at:]
	switch c := rest[0]; {
	case startsName(c):
		n := 1
		for n < len(rest) && (startsName(rest[n]) || isDigit(rest[n])) {
			n++
		}
		if word := strings.ToLower(rest[:n]); keywords[word] {
			return tokenKeyword, rest[:n], word, true
		}
		return tokenName, rest[:n], rest[:n], true
	case isDigit(c), c == '.' && len(rest) > 1 && isDigit(rest[1]):
		written, ok = numeral(rest)
		return tokenNumber, written, written, ok
	case c == '"':
		written, value, ok = quoted(rest)
		return tokenQuoted, written, value, ok
	case c == '\'':
		written, value, ok = quoted(rest)
		return tokenString, written, value, ok
	case c == '`':
		end := strings.IndexByte(rest[1:], '`')
		if end < 0 {
			return 0, "", "", false
		}
		return tokenIon, rest[:end+2], rest[1 : end+1], true
	}
	i := slices.IndexFunc(symbols, func(s string) bool { return strings.HasPrefix(rest, s) })
	if i < 0 {
		return 0, "", "", false
	}
	return tokenSymbol, symbols[i], symbols[i], true
}

func startsName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// quoted reads what begins with a quote up to the next one that is not doubled.
func quoted(text string) (written, value string, ok bool) {
	quote := text[:1]
	for at := 1; ; {
		end := strings.Index(text[at:], quote)
		if end < 0 {
			return "", "", false
		}
		at += end + 1
		if !strings.HasPrefix(text[at:], quote) {
			return text[:at], strings.ReplaceAll(text[1:at-1], quote+quote, quote), true
		}
		at++
	}
}

// numeral reads a number. Its exponent and its scale must fit 32 bits, and no name may begin within it.
func numeral(text string) (string, bool) {
	n := 0
	digits := func() int {
		from := n
		for n < len(text) && isDigit(text[n]) {
			n++
		}
		return n - from
	}
	digits()
	scale := 0
	if n < len(text) && text[n] == '.' {
		n++
		scale = digits()
	}
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		n++
		from := n
		if n < len(text) && (text[n] == '+' || text[n] == '-') {
			n++
		}
		digits()
		exponent, err := strconv.ParseInt(text[from:n], 10, 32)
		if at := int64(scale) - exponent; err != nil || at > math.MaxInt32 || at < math.MinInt32 {
			return "", false
		}
	}
	return text[:n], n == len(text) || !startsName(text[n])
}
