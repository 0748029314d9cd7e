package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Report is what can be written for people: a *Plan, *HotKeys or *Survey.
type Report interface{ document() document }

// document is a report without its looks.
type document struct {
	kind, title string
	sections    []section
}

// section is a heading, and what stands under it in this order.
type section struct {
	heading string
	text    []string // paragraphs
	table   *table
	bars    *barChart
	lines   *lineChart
	list    []string
}

// table is rows of cells; those of left columns are words, the others figures.
type table struct {
	columns []column
	rows    [][]string
}

type column struct {
	name string
	left bool
}

// barChart shows parts beside each other.
type barChart struct {
	caption string
	legend  []string // of segments; nil where a bar has one
	bars    []bar
	limit   float64 // a line at this value, 0 for none
	limited string  // what the line is
}

type bar struct {
	name, text string
	values     []float64 // by segment
	over       bool      // stands out
}

// lineChart shows values over a share from 0 to 1.
type lineChart struct {
	caption, across, up string
	lines               []line
	marks               []mark
}

type line struct {
	name   string
	points [][2]float64
}

type mark struct {
	name string
	at   float64
}

// Text writes reports as plain text with aligned tables.
func Text(w io.Writer, reports ...Report) error {
	var b strings.Builder
	for i, r := range reports {
		if i > 0 {
			b.WriteString("\n\n")
		}
		d := r.document()
		fmt.Fprintf(&b, "%s\n%s\n", d.title, strings.Repeat("=", utf8.RuneCountInString(d.title)))
		for _, s := range d.sections {
			fmt.Fprintf(&b, "\n%s\n%s\n", s.heading, strings.Repeat("-", utf8.RuneCountInString(s.heading)))
			for _, p := range s.text {
				b.WriteString(wrapped(p, "", "") + "\n")
			}
			if s.table != nil {
				s.table.text(&b)
			}
			for _, item := range s.list {
				b.WriteString(wrapped(item, "- ", "  ") + "\n")
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wrapped breaks a paragraph into lines of at most 100 characters.
func wrapped(text, first, further string) string {
	const most = 100
	var b strings.Builder
	line := first
	empty := true
	for word := range strings.FieldsSeq(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most {
			b.WriteString(line + "\n")
			line, empty = further, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	return b.String() + line
}

func (t *table) text(b *strings.Builder) {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		widths[i] = utf8.RuneCountInString(c.name)
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	write := func(cell func(int) string) {
		var line strings.Builder
		for i, c := range t.columns {
			if i > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell(i)))
			if c.left {
				line.WriteString(cell(i) + pad)
			} else {
				line.WriteString(pad + cell(i))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	write(func(i int) string { return t.columns[i].name })
	for _, row := range t.rows {
		write(func(i int) string { return row[i] })
	}
}

// Markdown writes reports as Markdown.
func Markdown(w io.Writer, reports ...Report) error {
	var b strings.Builder
	for i, r := range reports {
		if i > 0 {
			b.WriteString("\n")
		}
		d := r.document()
		fmt.Fprintf(&b, "# %s\n", markdownText(d.title))
		for _, s := range d.sections {
			fmt.Fprintf(&b, "\n## %s\n", markdownText(s.heading))
			for _, p := range s.text {
				fmt.Fprintf(&b, "\n%s\n", markdownText(p))
			}
			if s.table != nil {
				b.WriteString("\n")
				s.table.markdown(&b)
			}
			if len(s.list) > 0 {
				b.WriteString("\n")
			}
			for _, item := range s.list {
				fmt.Fprintf(&b, "- %s\n", markdownText(item))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *table) markdown(b *strings.Builder) {
	for _, c := range t.columns {
		b.WriteString("| " + markdownText(c.name) + " ")
	}
	b.WriteString("|\n")
	for _, c := range t.columns {
		if c.left {
			b.WriteString("| --- ")
		} else {
			b.WriteString("| ---: ")
		}
	}
	b.WriteString("|\n")
	for _, row := range t.rows {
		for _, cell := range row {
			b.WriteString("| " + markdownText(cell) + " ")
		}
		b.WriteString("|\n")
	}
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "&",
	"&amp;", "[", `\[`, "\n", " ", "\r", " ")

func markdownText(text string) string { return markdownEscapes.Replace(text) }

// JSON writes reports as one JSON array of their data, indented.
func JSON(w io.Writer, reports ...Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(reports)
}
