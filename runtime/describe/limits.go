package describe

// maxReuseCounts is how many arrays' counts of reused children are remembered.
const maxReuseCounts = 4096
