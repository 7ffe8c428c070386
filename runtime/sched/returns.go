package sched

func (CreateEnvironment) event() {}

// Returns implements [Returning].
func (CreateEnvironment) Returns(Done) {}

func (UpdateEnvironment) event() {}

// Returns implements [Returning].
func (UpdateEnvironment) Returns(Done) {}

func (DeleteEnvironment) event() {}

// Returns implements [Returning].
func (DeleteEnvironment) Returns(Done) {}

func (CreateQueue) event() {}

// Returns implements [Returning].
func (CreateQueue) Returns(Done) {}

func (UpdateQueue) event() {}

// Returns implements [Returning].
func (UpdateQueue) Returns(Done) {}

func (DeleteQueue) event() {}

// Returns implements [Returning].
func (DeleteQueue) Returns(Done) {}

func (RegisterDefinition) event() {}

// Returns implements [Returning].
func (RegisterDefinition) Returns(RegisterReply) {}

func (DeregisterDefinition) event() {}

// Returns implements [Returning].
func (DeregisterDefinition) Returns(Done) {}

func (SubmitJob) event() {}

// Returns implements [Returning].
func (SubmitJob) Returns(SubmitReply) {}

func (CancelJob) event() {}

// Returns implements [Returning].
func (CancelJob) Returns(Done) {}

func (TerminateJob) event() {}

// Returns implements [Returning].
func (TerminateJob) Returns(Done) {}

func (RetryJob) event() {}

// Returns implements [Returning].
func (RetryJob) Returns(RetryReply) {}

func (ClaimJob) event() {}

// Returns implements [Returning].
func (ClaimJob) Returns(ClaimReply) {}

func (ReleaseJob) event() {}

// Returns implements [Returning].
func (ReleaseJob) Returns(Done) {}

func (CreatePolicy) event() {}

// Returns implements [Returning].
func (CreatePolicy) Returns(Done) {}

func (UpdatePolicy) event() {}

// Returns implements [Returning].
func (UpdatePolicy) Returns(Done) {}

func (DeletePolicy) event() {}

// Returns implements [Returning].
func (DeletePolicy) Returns(Done) {}

func (CreateConsumable) event() {}

// Returns implements [Returning].
func (CreateConsumable) Returns(Done) {}

func (UpdateConsumable) event() {}

// Returns implements [Returning].
func (UpdateConsumable) Returns(ConsumableReply) {}

func (DeleteConsumable) event() {}

// Returns implements [Returning].
func (DeleteConsumable) Returns(Done) {}

func (CreateLogGroup) event() {}

// Returns implements [Returning].
func (CreateLogGroup) Returns(Done) {}

func (SetLogRetention) event() {}

// Returns implements [Returning].
func (SetLogRetention) Returns(Done) {}

func (DeleteLogGroup) event() {}

// Returns implements [Returning].
func (DeleteLogGroup) Returns(Done) {}

func (CreateKey) event() {}

// Returns implements [Returning].
func (CreateKey) Returns(Done) {}

func (RevokeKey) event() {}

// Returns implements [Returning].
func (RevokeKey) Returns(Done) {}

func (CreateQuotaShare) event() {}

// Returns implements [Returning].
func (CreateQuotaShare) Returns(Done) {}

func (UpdateQuotaShare) event() {}

// Returns implements [Returning].
func (UpdateQuotaShare) Returns(Done) {}

func (DeleteQuotaShare) event() {}

// Returns implements [Returning].
func (DeleteQuotaShare) Returns(Done) {}

func (RecordDenial) event() {}

// Returns implements [Returning].
func (RecordDenial) Returns(Done) {}

func (RecordStop) event() {}

// Returns implements [Returning].
func (RecordStop) Returns(Done) {}

func (MoveCursor) event() {}

// Returns implements [Returning].
func (MoveCursor) Returns(Done) {}

func (DropCursor) event() {}

// Returns implements [Returning].
func (DropCursor) Returns(Done) {}

func (SetTags) event() {}

// Returns implements [Returning].
func (SetTags) Returns(Done) {}

func (Reported) event() {}
func (Reported) fact()  {}
func (Census) event()   {}
func (Census) fact()    {}
func (Tick) event()     {}
func (Tick) fact()      {}
