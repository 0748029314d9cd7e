package engine

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/wire"
)

// statementPlace is where a SELECT goes on: in which of its reads, behind which key.
type statementPlace struct {
	read  int
	after string // encoded; "" for the read's beginning
}

// statementDigest tells a statement and its parameters from others.
type statementDigest [sha256.Size]byte

func digestStatement(text *string, parameters []types.AttributeValue) statementDigest {
	return sha256.Sum256(wire.AppendOutput(nil, &struct {
		Statement  *string
		Parameters []types.AttributeValue
	}{text, parameters}))
}

// checkBytes guard a NextToken against having been changed.
const checkBytes = 8

// token writes the place down: the statement's digest, the place, and a checksum.
func (p *statementPlace) token(of statementDigest) *string {
	body := binary.AppendUvarint(append([]byte{}, of[:]...), uint64(p.read))
	body = append(body, p.after...)
	sum := sha256.Sum256(body)
	text := base64.StdEncoding.EncodeToString(append(body, sum[:checkBytes]...))
	return &text
}

// placeIn reads a NextToken, which must be of the same statement, with that many reads.
func placeIn(token *string, of statementDigest, reads int) (p statementPlace, err error) {
	if token == nil {
		return p, nil
	}
	raw, err := base64.StdEncoding.DecodeString(*token)
	if err != nil || len(raw) <= len(of)+checkBytes {
		return p, refusal.Invalid("Invalid NextToken")
	}
	body, check := raw[:len(raw)-checkBytes], raw[len(raw)-checkBytes:]
	if sum := sha256.Sum256(body); string(sum[:checkBytes]) != string(check) {
		return p, refusal.Invalid("Invalid NextToken")
	}
	read, n := binary.Uvarint(body[len(of):])
	if string(body[:len(of)]) != string(of[:]) || n <= 0 || read >= uint64(reads) {
		return p, refusal.Invalid("NextToken does not match request")
	}
	return statementPlace{read: int(read), after: string(body[len(of)+n:])}, nil
}

// behind is the rest of a range behind a key.
func behind(r keyspace.Range, key string, backward bool) keyspace.Range {
	if backward {
		r.Hi = key
	} else {
		r.Lo = key + "\x00"
	}
	return r
}
