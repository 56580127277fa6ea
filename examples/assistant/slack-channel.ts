import { createServer } from 'node:http';

import { instrumentSlack } from '@signalbox/sdk/slack';
import { App } from '@slack/bolt';

import { askAgent } from './ask-agent.ts';
import { messageOf, required } from './environment.ts';

const slackUrl = required('SERVICE_SLACK_URL');

const app = instrumentSlack(
  new App({
    token: 'xoxb-stand-in',
    appToken: 'xapp-stand-in',
    socketMode: true,
    clientOptions: { slackApiUrl: `${slackUrl}/api/` },
  }),
);

app.event('app_mention', async ({ client, context, event }) => {
  const { channel, ts } = event;
  const thread = event.thread_ts ?? ts;
  await client.reactions.add({ channel, name: 'eyes', timestamp: ts });
  const question = event.text.replaceAll(/<@\w+>\s*/g, '');
  const conversation = ['slack', context.teamId, channel, thread].join(':');
  const text = await askAgent('coordinator', question, conversation).catch(
    (error: unknown) => `I could not find out: ${messageOf(error)}`,
  );
  await client.chat.postMessage({ channel, thread_ts: thread, text });
});

await app.start();

// Socket Mode serves nothing; this says that the socket is open.
createServer((_, response) => response.end('ok')).listen(
  Number(required('PORT')),
  required('HOST'),
);
