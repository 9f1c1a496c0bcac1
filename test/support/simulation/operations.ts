/** Operation of a client of the memory API. */
export type Operation =
  | 'add'
  | 'addTwo'
  | 'repeat'
  | 'retract'
  | 'verbatim'
  | 'verbatimLarge'
  | 'sendTwice'
  | 'edit'
  | 'editBatch'
  | 'changeNotes'
  | 'delete'
  | 'deleteConcurrently'
  | 'deleteBatch'
  | 'correct'
  | 'deleteMessage'
  | 'deleteRough'
  | 'cancel'
  | 'retry'
  | 'deleteAllOfUser'
  | 'deleteAllOfRun'
  | 'read'
  | 'wait'
  | 'addOtherUser'
  | 'sleep';

/** Operation of a customer on the webhook endpoints of the project. */
export type CustomerOperation =
  | 'create'
  | 'pause'
  | 'resume'
  | 'delete'
  | 'rotate'
  | 'resend'
  | 'recover'
  | 'cancelRecovery'
  | 'wait';
