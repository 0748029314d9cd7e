package plan

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) + "%" },
}).Parse(pageText))

// HTML writes reports as one page: tables, and charts as inline SVG. It is light or dark as the reader's system is,
// fits a phone, and loads nothing.
func HTML(w io.Writer, title string, reports ...Report) error {
	view := pageView{Title: title}
	for i, r := range reports {
		view.Reports = append(view.Reports, viewOf(r.document(), "r"+strconv.Itoa(i+1)))
	}
	return page.Execute(w, view)
}

// The views are what the template writes.
type (
	pageView struct {
		Title   string
		Reports []reportView
	}
	reportView struct {
		ID, Kind, Title string
		Sections        []sectionView
	}
	sectionView struct {
		ID, Heading string
		Text, List  []string
		Table       *tableView
		Bars        *barsView
		Lines       *linesView
	}
	tableView struct {
		Head []cellView
		Rows [][]cellView
		Wide bool // for a phone, where a row is written below its name
	}
	cellView struct {
		Text string
		Left bool
		Of   string // the column, where a row may stand without the head
	}
	barsView struct {
		Caption string
		Legend  []legendView
		Bars    []barView
		Limit   float64 // per cent of the width; 0 for none
		Limited string
	}
	legendView struct {
		Class, Name string
	}
	barView struct {
		Name, Text string
		Over       bool
		Parts      []partView
	}
	partView struct {
		Class       string
		From, Width float64 // per cent
	}
	linesView struct {
		Caption, Across, Up string
		Legend              []legendView
		Width, Height       int
		Left, Right         float64
		Top, Bottom         float64
		Lines               []pathView
		Marks               []markView
		Across0             []tickView
		Up0                 []tickView
	}
	pathView struct {
		Class string
		D     string
	}
	markView struct {
		Number int
		Name   string
		X, Y   float64
	}
	tickView struct {
		At   float64
		Text string
	}
)

func viewOf(d document, id string) reportView {
	view := reportView{ID: id, Kind: d.kind, Title: d.title}
	for i, s := range d.sections {
		v := sectionView{ID: id + "-" + strconv.Itoa(i+1), Heading: s.heading, Text: s.text, List: s.list}
		if s.table != nil {
			v.Table = s.table.view()
		}
		if s.bars != nil {
			v.Bars = s.bars.view()
		}
		if s.lines != nil {
			v.Lines = s.lines.view()
		}
		view.Sections = append(view.Sections, v)
	}
	return view
}

func (t *table) view() *tableView {
	v := &tableView{Wide: t.width() > phoneColumns}
	for _, c := range t.columns {
		v.Head = append(v.Head, cellView{Text: c.name, Left: c.left})
	}
	for _, row := range t.rows {
		var cells []cellView
		for i, text := range row {
			cell := cellView{Text: text, Left: t.columns[i].left}
			if v.Wide && i > 0 {
				cell.Of = t.columns[i].name
			}
			cells = append(cells, cell)
		}
		v.Rows = append(v.Rows, cells)
	}
	return v
}

// What fits across a phone, in characters of the page's tables, and what words, which may be broken into lines, take of
// it at least.
const (
	phoneColumns = 39
	brokenWords  = 11
	columnGap    = 2
)

// width is what the table takes across, in characters.
func (t *table) width() (n int) {
	for i, c := range t.columns {
		widest := utf8.RuneCountInString(c.name)
		for _, row := range t.rows {
			widest = max(widest, utf8.RuneCountInString(row[i]))
		}
		if c.left {
			widest = min(widest, brokenWords)
		}
		n += widest + columnGap
	}
	return n - columnGap
}

func (c *barChart) view() *barsView {
	v := &barsView{Caption: c.caption, Limited: c.limited}
	for i, name := range c.legend {
		v.Legend = append(v.Legend, legendView{series(i), name})
	}
	most := c.limit
	for _, b := range c.bars {
		most = max(most, b.sum())
	}
	if most == 0 {
		most = 1
	}
	v.Limit = 100 * c.limit / most
	for _, b := range c.bars {
		bv := barView{Name: b.name, Text: b.text, Over: b.over}
		from := 0.0
		for i, value := range b.values {
			width := 100 * value / most
			class := series(i)
			if b.over && c.limit > 0 {
				class = "over"
			}
			bv.Parts = append(bv.Parts, partView{class, from, width})
			from += width
		}
		v.Bars = append(v.Bars, bv)
	}
	return v
}

func series(i int) string { return "s" + strconv.Itoa(i+1) }

// The line chart's own measures; the page scales them.
const (
	chartWidth, chartHeight         = 360, 220
	chartLeft, chartRight           = 52, 22
	chartTop, chartBottom           = 12, 40
	plotWidth, plotHeight   float64 = chartWidth - chartLeft - chartRight, chartHeight - chartTop - chartBottom
)

func (c *lineChart) view() *linesView {
	v := &linesView{Caption: c.caption, Across: c.across, Up: c.up, Width: chartWidth, Height: chartHeight,
		Left: chartLeft, Right: chartWidth - chartRight, Top: chartTop, Bottom: chartHeight - chartBottom}
	// The scale goes to twice what the level line has: beyond that the other is off the chart.
	most := 2.0 * c.lines[0].points[0][1]
	step := niceStep(most / 4)
	most = step * math.Ceil(most/step)
	x := func(share float64) float64 { return chartLeft + plotWidth*share }
	y := func(value float64) float64 { return chartTop + plotHeight*(1-value/most) }
	for i, l := range c.lines {
		var d strings.Builder
		command := "M"
		for j, p := range l.points {
			if p[1] > most {
				continue
			}
			if command == "M" && j > 0 && l.points[j-1][1] > most { // comes in from above
				was := l.points[j-1]
				at := was[0] + (p[0]-was[0])*(was[1]-most)/(was[1]-p[1])
				fmt.Fprintf(&d, "M%.1f %.1f", x(at), y(most))
				command = "L"
			}
			fmt.Fprintf(&d, "%s%.1f %.1f", command, x(p[0]), y(p[1]))
			command = "L"
		}
		v.Lines = append(v.Lines, pathView{series(i), d.String()})
		v.Legend = append(v.Legend, legendView{series(i), l.name})
	}
	for i, m := range c.marks {
		value, name := math.Inf(1), m.name+", "+percentText(m.at)
		if m.at > 0 {
			value = c.valueAt(m.at)
		}
		if value > most {
			value, name = most, name+", above the chart"
		}
		v.Marks = append(v.Marks, markView{i + 1, name, x(min(1, m.at)), y(value)})
	}
	for share := 0.0; share <= 1.001; share += 0.25 {
		v.Across0 = append(v.Across0, tickView{x(share), percentText(share)})
	}
	for value := 0.0; value <= most*1.001; value += step {
		v.Up0 = append(v.Up0, tickView{y(value), numberText(value)})
	}
	return v
}

// valueAt is what the last line has at a share, between its points as a straight line.
func (c *lineChart) valueAt(share float64) float64 {
	points := c.lines[len(c.lines)-1].points
	for i := 1; i < len(points); i++ {
		if a, b := points[i-1], points[i]; share <= b[0] {
			return a[1] + (b[1]-a[1])*(share-a[0])/(b[0]-a[0])
		}
	}
	return points[len(points)-1][1]
}

// niceStep is the next of 1, 2 and 5 times a power of ten.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= v {
			return n * power
		}
	}
	return 10 * power
}
