package aws

import "testing"

func TestALogNamesItsAccountByHowItWasChosen(t *testing.T) {
	d := New(Options{})
	for _, key := range []accountKey{{}, {"work", ""}, {"", "eu-west-1"}, {"me@work", "eu-west-1"}} {
		a := &account{}
		d.accounts[key] = a
		if name := d.logAccount(a); accountNamed(name) != key {
			t.Errorf("%+v is named %q, which is read as %+v", key, name, accountNamed(name))
		}
	}
}
