import { z } from 'zod';

import type { ChannelEdit } from '../analysis/alerts/alert-desk.ts';
import { actorOf } from '../auth/principal.ts';
import { ALERT_KINDS, CHANNEL_KINDS, MAIL_SECURITIES, SEVERITIES } from '../model/alert.ts';
import type { AlertChannel } from '../storage/alert-store.ts';
import { answerOf, idParams, isoTime, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const url = z
  .url({ protocol: /^https?$/, error: 'write an address such as https://example.com/hook' })
  .max(2_000);
const secret = z
  .string()
  .max(200)
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'write whsec_ and at least 24 bytes in base64');
const mailbox = nonEmptyText(320).refine(
  (value) => /^[^@\s]+@[^@\s]+$/.test(value.replace(/^[^<>]*<([^<>]+)>$/, '$1')),
  'write an address such as ada@example.com',
);

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url: url.optional(), secret: secret.optional() }),
  z.strictObject({ kind: z.literal('slack'), url: url.optional() }),
  z.strictObject({
    kind: z.literal('email'),
    host: nonEmptyText(253),
    port: z.int().min(1).max(65_535).default(587),
    security: z.enum(MAIL_SECURITIES).default('starttls'),
    /** Empty: sends without signing in. */
    username: text(320).default(''),
    password: text(1_000).optional(),
    from: mailbox,
    to: z.array(mailbox).min(1).max(50),
  }),
]);

const channelBody = z
  .strictObject({
    name: nonEmptyText(128),
    enabled: z.boolean().default(true),
    /** Which alerts it takes; empty: all. */
    kinds: z.array(z.enum(ALERT_KINDS)).max(ALERT_KINDS.length).default([]),
    severity_min: z.enum(SEVERITIES).default('low'),
    /** What is secret and left out is made up, or stays as it was. */
    target,
  })
  .meta({
    id: 'AlertChannelEdit',
    examples: [
      {
        name: 'on call',
        severity_min: 'high',
        target: { kind: 'webhook', url: 'https://example.com/hook' },
      },
    ],
  });

const channelFields = {
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  kinds: z.array(z.enum(ALERT_KINDS)),
  severity_min: z.enum(SEVERITIES),
  kind: z.enum(CHANNEL_KINDS),
  /** Where it leads, without anything secret: the origin of a URL, or a mail server and the recipients. */
  destination: z.string(),
  /** How mail is sent, without the password; null of a webhook. */
  email: z
    .object({
      host: z.string(),
      port: z.int(),
      security: z.enum(MAIL_SECURITIES),
      username: z.string(),
      from: z.string(),
      to: z.array(z.string()),
    })
    .nullable(),
  created_at: z.string(),
  updated_at: z.string(),
};
const channelAnswer = z.object(channelFields).meta({ id: 'AlertChannel' });
const newChannelAnswer = z
  .object({
    ...channelFields,
    /** The key of a webhook's signatures; answered this once. */
    secret: z.string().nullable(),
  })
  .meta({ id: 'NewAlertChannel' });

const base = '/api/v1/alerts/channels';

export function alertChannelRoutes(api: Api, { alertDesk }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: base,
    config: { access: 'admin' },
    schema: {
      tags: ['alerts'],
      summary: 'Lists the channels that alerts go to.',
      response: { 200: answerOf(z.array(channelAnswer)) },
    },
    handler: async (request) => {
      const channels = await alertDesk.listChannels(principalOf(request).project);
      return success(channels.map(toAnswer));
    },
  });

  api.route({
    method: 'GET',
    url: `${base}/:id`,
    config: { access: 'admin' },
    schema: {
      tags: ['alerts'],
      summary: 'Answers one channel.',
      params: idParams,
      response: { 200: answerOf(channelAnswer) },
    },
    handler: async (request) =>
      success(
        toAnswer(await alertDesk.getChannel(principalOf(request).project, request.params.id)),
      ),
  });

  changeRoutes(api, alertDesk);
  testRoute(api, alertDesk);
}

function changeRoutes(api: Api, alertDesk: ApiDeps['alertDesk']): void {
  api.route({
    method: 'POST',
    url: base,
    config: { access: 'admin' },
    schema: {
      tags: ['alerts'],
      summary:
        'Makes a channel: a signed webhook, a webhook in the form of Slack, or e-mail. The server itself sends to the address, also to one in its own network.',
      body: channelBody,
      response: { 201: answerOf(newChannelAnswer) },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const edit = toEdit(request.body);
      const channel = await alertDesk.createChannel(principal.project, edit, actorOf(principal));
      const shown = channel.target.kind === 'webhook' ? channel.target.secret : null;
      return reply.code(201).send(success({ ...toAnswer(channel), secret: shown }));
    },
  });

  api.route({
    method: 'PUT',
    url: `${base}/:id`,
    config: { access: 'admin' },
    schema: {
      tags: ['alerts'],
      summary: 'Replaces a channel; secrets that are left out stay.',
      params: idParams,
      body: channelBody,
      response: { 200: answerOf(channelAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const channel = await alertDesk.replaceChannel(
        principal.project,
        request.params.id,
        toEdit(request.body),
        actorOf(principal),
      );
      return success(toAnswer(channel));
    },
  });

  api.route({
    method: 'DELETE',
    url: `${base}/:id`,
    config: { access: 'admin' },
    schema: {
      tags: ['alerts'],
      summary: 'Removes a channel and what waits to be delivered to it.',
      params: idParams,
      response: { 200: answerOf(z.object({ removed: z.string() })) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { id } = request.params;
      await alertDesk.removeChannel(principal.project, id, actorOf(principal));
      return success({ removed: id });
    },
  });
}

function testRoute(api: Api, alertDesk: ApiDeps['alertDesk']): void {
  api.route({
    method: 'POST',
    url: `${base}/:id/test`,
    config: { access: 'admin' },
    schema: {
      tags: ['alerts'],
      summary: 'Sends a test alert to a channel, at once, and tells what became of it.',
      params: idParams,
      response: {
        200: answerOf(
          z.object({
            delivered: z.boolean(),
            /** What the other side said when it took it. */
            answer: z.string().nullable(),
            error: z.string().nullable(),
          }),
        ),
      },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const outcome = await alertDesk.test(
        principal.project,
        request.params.id,
        actorOf(principal),
      );
      return success(
        outcome.kind === 'delivered'
          ? { delivered: true, answer: outcome.answer, error: null }
          : { delivered: false, answer: null, error: outcome.error },
      );
    },
  });
}

function toEdit(body: z.infer<typeof channelBody>): ChannelEdit {
  const { severity_min: severityMin, ...rest } = body;
  return { ...rest, severityMin };
}

function toAnswer(channel: AlertChannel) {
  return {
    id: channel.id,
    name: channel.name,
    enabled: channel.enabled,
    kinds: [...channel.kinds],
    severity_min: channel.severityMin,
    kind: channel.target.kind,
    destination: destinationOf(channel),
    email: mailOf(channel),
    created_at: isoTime(channel.createdAtMs),
    updated_at: isoTime(channel.updatedAtMs),
  };
}

function mailOf({ target: place }: AlertChannel) {
  if (place.kind !== 'email') return null;
  const { host, port, security, username, from, to } = place;
  return { host, port, security, username, from, to: [...to] };
}

/** Paths and queries of webhooks are often their only secret. */
function destinationOf({ target: place }: AlertChannel): string {
  return place.kind === 'email'
    ? `${place.to.join(', ')} through ${place.host}:${place.port}`
    : new URL(place.url).origin;
}
