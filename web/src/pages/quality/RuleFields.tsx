import { RULE_FORMATS, RULE_MEASURES } from '../../../../src/model/quality-rule.ts';
import type { RuleDefinition } from '../../../../src/model/quality-rule.ts';
import { TextField } from '../../parts/FormDialog.tsx';
import { CheckField, LinesField, NumberField, SelectField } from '../../parts/fields.tsx';
import { measureName } from './rule-form.ts';
import type { DefinitionOf } from './rule-form.ts';

interface FieldsProps<Definition> {
  readonly definition: Definition;
  readonly onChange: (definition: Definition) => void;
}

/** What a rule of the kind asks for. */
export function RuleFields({ definition, onChange }: FieldsProps<RuleDefinition>) {
  switch (definition.type) {
    case 'THRESHOLD_RANGE':
      return <RangeFields definition={definition} onChange={onChange} />;
    case 'PATTERN_FORMAT':
      return <FormatFields definition={definition} onChange={onChange} />;
    case 'COMPLETENESS':
      return <CompletenessFields definition={definition} onChange={onChange} />;
    case 'INPUT_OUTPUT_CONSISTENCY':
      return <ConsistencyFields definition={definition} onChange={onChange} />;
  }
}

const PATH_HINT = 'Path in the JSON of the output, as invoice.lines[0].amount';
const OWN_FIELD = 'field';

function RangeFields({ definition, onChange }: FieldsProps<DefinitionOf<'THRESHOLD_RANGE'>>) {
  const { measure, field, min, max } = definition;
  return (
    <>
      <SelectField
        label="Of"
        value={measure ?? OWN_FIELD}
        options={[
          ...RULE_MEASURES.map((one) => [one, `the run: ${measureName(one)}`] as const),
          [OWN_FIELD, 'the output: a field of its JSON'],
        ]}
        onChange={(wanted) => {
          const known = RULE_MEASURES.find((one) => one === wanted) ?? null;
          onChange({ ...definition, measure: known, field: known === null ? field : '' });
        }}
      />
      {measure === null && (
        <TextField
          label={PATH_HINT}
          value={field}
          onChange={(text) => onChange({ ...definition, field: text })}
        />
      )}
      <div className="field-row">
        <NumberField
          label="At least"
          value={min}
          onChange={(least) => onChange({ ...definition, min: least })}
        />
        <NumberField
          label="At most"
          value={max}
          onChange={(most) => onChange({ ...definition, max: most })}
        />
      </div>
    </>
  );
}

const FORM_NAMES = { EMAIL: 'an e-mail address', URL: 'a web address', PHONE: 'a phone number' };

function FormatFields({ definition, onChange }: FieldsProps<DefinitionOf<'PATTERN_FORMAT'>>) {
  const { source, field, format, pattern, whole, must_match: must } = definition;
  return (
    <>
      <div className="field-row">
        <SelectField
          label="Text"
          value={source}
          options={[
            ['output', 'the output'],
            ['input', 'the input'],
          ]}
          onChange={(wanted) => onChange({ ...definition, source: wanted })}
        />
        <TextField
          label="Path in its JSON; empty: all of it"
          value={field}
          onChange={(text) => onChange({ ...definition, field: text })}
        />
      </div>
      <div className="field-row">
        <SelectField
          label="Must"
          value={must ? 'have' : 'lack'}
          options={[
            ['have', 'have the form'],
            ['lack', 'not have the form'],
          ]}
          onChange={(wanted) => onChange({ ...definition, must_match: wanted === 'have' })}
        />
        <SelectField
          label="Form"
          value={format ?? 'PATTERN'}
          options={[
            ['PATTERN', 'a pattern of your own'],
            ...RULE_FORMATS.map((one) => [one, FORM_NAMES[one]] as const),
          ]}
          onChange={(wanted) => {
            const known = RULE_FORMATS.find((one) => one === wanted) ?? null;
            onChange({ ...definition, format: known, pattern: known === null ? pattern : '' });
          }}
        />
      </div>
      {format === null && (
        <TextField
          label="Pattern, in RE2 syntax: no look-around, no back-references"
          value={pattern}
          onChange={(text) => onChange({ ...definition, pattern: text })}
        />
      )}
      <CheckField
        label="The text as a whole, not somewhere in it"
        checked={whole}
        onChange={(checked) => onChange({ ...definition, whole: checked })}
      />
    </>
  );
}

function CompletenessFields({ definition, onChange }: FieldsProps<DefinitionOf<'COMPLETENESS'>>) {
  return (
    <>
      <LinesField
        label="Fields of its JSON that must be filled, one a line"
        lines={definition.fields}
        placeholder={'invoice.number\ninvoice.total'}
        onChange={(fields) => onChange({ ...definition, fields })}
      />
      <LinesField
        label="Phrases that must stand in it, one a line; capitals do not matter"
        lines={definition.phrases}
        placeholder="This is not legal advice"
        onChange={(phrases) => onChange({ ...definition, phrases })}
      />
      <NumberField
        label="Characters at least"
        value={definition.min_characters}
        least={0}
        onChange={(least) => onChange({ ...definition, min_characters: least ?? 0 })}
      />
    </>
  );
}

const COMPARE = [
  ['equal', 'is the same text'],
  ['contains', 'contains it'],
  ['number', 'is the same number'],
] as const;

function ConsistencyFields(props: FieldsProps<DefinitionOf<'INPUT_OUTPUT_CONSISTENCY'>>) {
  const { definition, onChange } = props;
  const { pairs, pattern } = definition;
  const setPair = (at: number, change: Partial<(typeof pairs)[number]>) =>
    onChange({
      ...definition,
      pairs: pairs.map((pair, index) => (index === at ? { ...pair, ...change } : pair)),
    });
  return (
    <>
      {pairs.map((pair, at) => (
        // Pairs have no name of their own and do not move.
        <fieldset key={at} className="rule-pair">
          <legend className="visually-hidden">Pair {at + 1}</legend>
          <div className="field-row">
            <TextField
              label="Field of the input"
              value={pair.input}
              onChange={(input) => setPair(at, { input })}
            />
            <SelectField
              label="Of the output"
              value={pair.compare}
              options={COMPARE}
              onChange={(compare) => setPair(at, { compare })}
            />
            <TextField
              label="Field of the output"
              value={pair.output}
              onChange={(output) => setPair(at, { output })}
            />
          </div>
          <button
            type="button"
            className="button small plain"
            onClick={() =>
              onChange({ ...definition, pairs: pairs.filter((_, index) => index !== at) })
            }
          >
            Remove the pair
          </button>
        </fieldset>
      ))}
      <div>
        <button
          type="button"
          className="button small"
          onClick={() =>
            onChange({
              ...definition,
              pairs: [...pairs, { input: '', output: '', compare: 'equal' }],
            })
          }
        >
          Add a pair of fields
        </button>
      </div>
      <TextField
        label="Pattern: what it finds in the input must stand in the output"
        value={pattern}
        onChange={(text) => onChange({ ...definition, pattern: text })}
      />
    </>
  );
}
