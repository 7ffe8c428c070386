// Package wrapper brings scripts into containers of Amazon ECS, and results and usage out of them. ECS has no files to give to a container
// or to take from it; it has variables, an entry point and a log. So a job that has a script, or that is to leave a result, gets
// another entry point: a shell program of at most 2 KB, see wrapper.sh. It needs /bin/sh in the image, and od, tr, fold and wc, which
// POSIX has and so have BusyBox and GNU.
//
// The program writes the script into a file, runs it, or else the command, with $BATCH_RESULT_FILE, hands SIGTERM on to it, and
// ends with its exit code. Before that it prints the result and the usage as lines of its own into the log. A [Decoder] takes
// these lines out again, and [Strip] hides them from those who read the log.
//
// # The lines
//
// Every line begins with a marker that contains the attempt. For example, these are those of the first attempt of job "j" that left the
// result [1]; the marker may follow output that has no newline at its end.
//
//	::batchd:j/1:result size 3 080a9ed4…   the size of the result in bytes and its SHA-256; "none" if the image has no sha256sum
//	::batchd:j/1:result 0 5b315d           bytes of it as hexadecimal digits, 400 in a line, lines numbered from 0
//	::batchd:j/1:usage size 0 e3b0c442…    the same of what the task metadata endpoint says of the container; here it says nothing
//	::batchd:j/1:end 0                     the last line, with the exit code
//
// Lines may come twice, and in any order. If one is missing, the result is incomplete: the checksum or the size does not hold.
//
// # Differences from the image's own entry point
//
//   - The entry point of the image is not run. That is why a job without a script has the wrapper only if it asks for results.
//   - SIGINT and SIGQUIT are ignored by the job, as POSIX has it for what a shell starts in the background.
//   - A command that does not exist is exit code 127, and not a container that cannot be started.
package wrapper
