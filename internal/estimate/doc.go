// Package estimate weighs items without making them: their bytes, and those of their entries in indexes, are read where
// T's values lie. It sends nothing.
package estimate
