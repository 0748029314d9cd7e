package partiql

import "strings"

// keywords are the words that cannot stand for a name unless they are quoted, in any case.
var keywords = func() map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(keywordList) {
		all[word] = true
	}
	return all
}()

const keywordList = "absolute action add all allocate alter and any are as asc assertion at authorization avg " +
	"bag begin between bigint bit bit_length blob bool boolean by can_cast can_lossless_cast " +
	"cascade cascaded case cast catalog char char_length character character_length check " +
	"clob close coalesce collate collation column commit conflict connect connection " +
	"constraint constraints continue convert corresponding count create cross current " +
	"current_date current_time current_timestamp current_user cursor date date_add date_diff " +
	"deallocate dec decimal declare default deferrable deferred delete desc describe " +
	"descriptor diagnostics disconnect distinct do domain double drop else end end-exec " +
	"escape except exception exec execute exists external extract false fetch first float for " +
	"foreign found from full get global go goto grant group having identity immediate in " +
	"index indicator initially inner input insensitive insert int int2 int4 int8 integer " +
	"integer2 integer4 integer8 intersect interval into is isolation join key language last " +
	"left let level like limit list local lower match max min missing modified module names " +
	"national natural nchar new next no not nothing null nullif numeric octet_length of " +
	"offset old on only open option or order outer output overlaps pad partial pivot position " +
	"precision prepare preserve primary prior privileges procedure public read real " +
	"references relative remove restrict returning revoke right rollback rows schema scroll " +
	"section select session session_user set sexp size smallint some space sql sqlcode " +
	"sqlerror sqlstate string struct substring sum symbol system_user table temporary then " +
	"time timestamp to transaction translate translation trim true tuple union unique unknown " +
	"unpivot update upper usage user using value values varchar varying view when whenever " +
	"where with work write zone"

// operatorWords are the keywords that begin no term because they are operators.
var operatorWords = map[string]bool{
	"and": true, "or": true, "not": true, "is": true, "in": true, "like": true, "between": true, "union": true,
	"intersect": true, "except": true,
}

// wordsBetween are the keywords that begin no term because they join others, and are no operators.
var wordsBetween = map[string]bool{"as": true, "asc": true, "at": true, "by": true, "desc": true, "for": true}

// functionWords are the keywords that are functions where a parenthesis follows.
var functionWords = map[string]bool{
	"exists": true, "size": true, "char_length": true, "character_length": true, "octet_length": true, "bit_length": true,
	"upper": true, "lower": true, "coalesce": true, "nullif": true, "position": true, "substring": true, "trim": true,
	"extract": true, "date_add": true, "date_diff": true,
}

// aggregateWords are the functions of many rows.
var aggregateWords = map[string]bool{
	"count": true, "sum": true, "avg": true, "min": true, "max": true, "any": true, "some": true, "every": true,
}
