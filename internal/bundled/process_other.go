//go:build !linux && !darwin

package bundled

import (
	"errors"
	"os"
)

func tryLock(*os.File) (bool, error) {
	return false, errors.New("the bundled runtime needs Linux or macOS: name a runtime elsewhere with endpoint")
}
