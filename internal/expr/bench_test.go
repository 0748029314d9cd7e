package expr

import "testing"

func BenchmarkParseCondition(b *testing.B) {
	const text = "attribute_not_exists(#name) AND (a = :n OR size(l) > :n2) AND begins_with(t, :s)"
	names, values := used(text)
	b.ReportAllocs()
	for b.Loop() {
		scope, err := NewScope(names, values)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := scope.Condition(ConditionKind, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvalCondition(b *testing.B) {
	c := parsedCondition(b, "attribute_exists(#a) AND (a = :n OR size(l) > :n) AND begins_with(t, :s)")
	item := MapItem(sample())
	b.ReportAllocs()
	for b.Loop() {
		if meets, err := c.Eval(item); err != nil || !meets {
			b.Fatal(meets, err)
		}
	}
}

func BenchmarkApplyUpdate(b *testing.B) {
	u := parsedUpdate(b, "SET a = a + :n, m.y.z = :s REMOVE l[0] ADD ss :ss")
	item := sample()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := u.Apply(item); err != nil {
			b.Fatal(err)
		}
	}
}
