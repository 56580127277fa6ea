import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { agentKeys, editAgent } from '../client/agents.ts';
import type { Agent } from '../client/agents.ts';
import { FormDialog, TextField } from '../parts/FormDialog.tsx';
import { say } from '../parts/Toasts.tsx';

/** Whose an agent is and what it is for, as people say. */
export function AgentDetailsDialog(props: { readonly agent: Agent; readonly onClose: () => void }) {
  const { agent, onClose } = props;
  const [owner, setOwner] = useState(agent.owner ?? '');
  const [team, setTeam] = useState(agent.team ?? '');
  const [description, setDescription] = useState(agent.description ?? '');
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const changed = changesOf(agent, { owner, team, description });
  const save = useMutation({
    mutationFn: () => editAgent(agent.agent_id, changed, reason),
    onSuccess: () => {
      say('Kept, and written into its history.');
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: agentKeys.all }),
  });
  const id = useId();
  return (
    <FormDialog
      title="Owner, team and purpose"
      verb="Keep"
      ready={Object.keys(changed).length > 0}
      sending={save}
      onSend={() => save.mutate()}
      onClose={onClose}
    >
      <TextField label="Owner: who answers for it" value={owner} first onChange={setOwner} />
      <TextField label="Team: whose budget it spends" value={team} onChange={setTeam} />
      <div className="field">
        <label htmlFor={id}>What it is for</label>
        <textarea
          id={id}
          className="input"
          rows={3}
          maxLength={2_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </div>
      <TextField label="Why it changes (may be empty)" value={reason} onChange={setReason} />
    </FormDialog>
  );
}

type Details = Pick<Agent, 'owner' | 'team' | 'description'>;

/** What differs from before; an empty text takes back what was said. */
function changesOf(agent: Agent, typed: Readonly<Record<keyof Details, string>>): Partial<Details> {
  const entries = Object.entries(typed) as [keyof Details, string][];
  const given = entries.map(([key, text]) => [key, text.trim() === '' ? null : text.trim()]);
  return Object.fromEntries(given.filter(([key, value]) => agent[key as keyof Details] !== value));
}
