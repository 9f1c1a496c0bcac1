/** Ids in the examples of the document. */
export const exampleIds = {
  project: 'default',
  organization: 'org_4b1f6a90b3c75a10',
  memory: '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c701',
  event: '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c702',
  failedEvent: '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c703',
  waitingEvent: '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c704',
  otherMemory: '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c705',
  key: '5f0c9a7be1d34826',
  endpoint: 'whe_4b1f6a90b3c75a107c2e8d0199f3c1aa',
  otherEndpoint: 'whe_4b1f6a90b3c75a107c2e8d0199f3c1ab',
  delivery: 'dlv_4b1f6a90b3c75a107c2e8d0199f3c1ac',
  recovery: 'rcv_4b1f6a90b3c75a107c2e8d0199f3c1ad',
  user: 'ana',
  otherUser: 'ben',
  url: 'https://example.com/webhooks',
} as const;
