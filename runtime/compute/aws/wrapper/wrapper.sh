# The entry point of a job that has a script or leaves a result, as an Amazon ECS task: POSIX shell, at most 2 KB without comments. Its
# arguments are the command of the job. BATCHD_SCRIPT is the text of the script, if there is one. See doc.go for what it prints.
# Names begin with two underscores because a shell exports what it assigns to a variable of its environment, and that is the job's.
__t=
__p=
__c=
trap '__t=1;[ "$__p" ]&&kill -TERM $__p' TERM
__m="::batchd:$AWS_BATCH_JOB_ID/$AWS_BATCH_JOB_ATTEMPT:"
__w(){ printf '%s%s\n' "$__m" "$*";}

# __e KIND FILE prints a file: its size and checksum, then its bytes as hexadecimal digits. A line is shorter than the least buffer of a C
# library, so that it is written at once, and other processes of the job cannot write into it.
__e(){
set -- "$1" "$2" $(wc -c <"$2") $(sha256sum <"$2" 2>/dev/null||echo none)
__w "$1" size "$3" "$4"
[ "${3:-0}" -gt MAXIMUM ]&&return
od -An -v -tx1 <"$2"|tr -d ' \n'|fold -w 800|{
__i=0
while IFS= read -r __l||[ "$__l" ];do __w "$1" $__i "$__l";__i=$((__i+1));done
}
}

# A file system may be read-only, and its owner another user. /dev/shm is there in every container.
for __d in /tmp /var/tmp /dev/shm;do
__d=$__d/batchd-$AWS_BATCH_JOB_ID-$AWS_BATCH_JOB_ATTEMPT
mkdir -m 1777 "$__d" 2>/dev/null&&break
__d=
done
[ "$__d" ]&&export BATCH_RESULT_FILE="$__d/result.json"

# The file system of the script may be mounted with noexec, so its interpreter is called by name.
if [ "$BATCHD_SCRIPT" ];then
__s=$__d/script
[ "$__d" ]&&printf %s "$BATCHD_SCRIPT" >"$__s"||{ echo "batchd: the script cannot be written to /tmp, /var/tmp or /dev/shm" >&2;__w end 126;exit 126;}
chmod 755 "$__s"
unset BATCHD_SCRIPT
IFS= read -r __l <"$__s"||:
set -f
case $__l in
'#!'*)set -- ${__l#??} "$__s" "$@";;
*)set -- /bin/sh "$__s" "$@";;
esac
fi

# A signal ends the wait for the job and not the job, so the wait is repeated.
"$@" <&0 &
__p=$!
[ "$__t" ]&&kill -TERM $__p
__t=1
while [ "$__t" ];do
__t=
wait $__p 2>/dev/null
__x=$?
[ $__x = 127 ]&&[ "$__c" ]||__c=$__x
done
trap '' TERM

if [ "$__d" ];then
__u=$ECS_CONTAINER_METADATA_URI_V4/stats
{ [ "$__u" = /stats ]||wget -q -T 2 -O - "$__u"||curl -f -s -m 2 "$__u"; } 2>/dev/null >"$__d/usage"
__e usage "$__d/usage"
__r=$__d/result.json
if [ -f "$__r" ];then [ ! -s "$__r" ]||__e result "$__r"
elif [ -e "$__r" ];then __w result irregular
fi
rm -rf "$__d"
fi
__w end $__c
exit $__c
