// A published client of a moderation service against a running service of ours:
//   node moderation.cjs CLIENT ADDRESS ARGUMENTS
// It prints what the client gives, or {"status": ..., "error": ...} if the client raises an error.
const crypto = require('crypto');
const Joi = require('joi');

const [client, address, given] = [process.argv[2], process.argv[3], JSON.parse(process.argv[4])];

// What Coral takes from an external moderation phase; unknown keys are stripped.
const words = (...allowed) => Joi.string().valid(...allowed);
const statuses = words('NONE', 'APPROVED', 'REJECTED', 'PREMOD', 'SYSTEM_WITHHELD');
const codes = words(
  'OFFENSIVE', 'ABUSIVE', 'SPAM', 'BANNED_WORD', 'AD', 'ILLEGAL_CONTENT', 'HARASSMENT_BULLYING',
  'MISINFORMATION', 'HATE_SPEECH', 'IRRELEVANT_CONTENT', 'OTHER',
);
const rules = Joi.object().keys({
  actions: Joi.array().items(Joi.object().keys({
    actionType: words('FLAG').required(),
    reason: words('COMMENT_DETECTED_TOXIC', 'COMMENT_DETECTED_SPAM').required(),
  })),
  status: statuses,
  tags: Joi.array().items(words('FEATURED', 'STAFF').required()),
  moderationAction: Joi.object().keys({
    status: statuses,
    rejectionReason: Joi.object().keys({
      code: codes, legalGrounds: Joi.string(), detailedExplanation: Joi.string(), customReason: Joi.string(),
    }),
  }),
});

function judged(answer) {
  const {value, error} = rules.validate(answer, {stripUnknown: true, presence: 'optional', abortEarly: false});
  return error ? {refused: error.message} : {taken: value};
}

const clients = {
  async openai() {
    const {OpenAI} = require('openai');
    const {data, request_id} = await new OpenAI({baseURL: `${address}/v1`, apiKey: 'any', maxRetries: 0})
      .moderations.create(given).withResponse();
    return {...data, request_id};
  },

  // As Coral signs and sends: with each of its secrets, over the body with two spaces.
  async coral() {
    const {path, secrets, content} = given;
    const body = JSON.stringify(content, null, 2);
    const signature = secrets
      .map(secret => 'sha256=' + crypto.createHmac('sha256', secret).update(body).digest().toString('hex')).join(',');
    const headers = {'Content-Type': 'application/json', 'X-Coral-Signature': signature};
    const answer = await fetch(address + path, {method: 'POST', headers, body, redirect: 'error'});
    const text = await answer.text();
    return {status: answer.status, ...(answer.status === 200 ? judged(JSON.parse(text)) : {text: answer.ok ? text : ''})};
  },

  // The rules themselves, for answers that only an operator's choice gives.
  async joi() {
    return given.map(judged);
  },

  async '@cedx/akismet'() {
    const {Author, Blog, Client, Comment} = await import('@cedx/akismet');
    const client = new Client('any', new Blog({url: new URL('https://paper.example')}), {baseUrl: address});
    const comment = new Comment({author: new Author({ipAddress: '192.0.2.7'}), content: given.text, context: ['news', 'local']});
    await client.submitSpam(comment);
    await client.submitHam(comment);
    return {valid: await client.verifyKey(), answer: await client.checkComment(comment)};
  },

  async 'akismet-api'() {
    const {AkismetClient} = require('akismet-api');
    const client = new AkismetClient({key: 'any', blog: 'https://paper.example'});
    client.rootEndpoint = client.endpoint = `${address}/1.1/`;
    const comment = {ip: '192.0.2.7', content: given.text};
    await client.submitSpam(comment);
    await client.submitHam(comment);
    return {valid: await client.verifyKey(), answer: Number(await client.checkSpam(comment))};
  },
};

clients[client]().then(
  data => console.log(JSON.stringify(data)),
  error => {
    if (!error.status) throw error;
    console.log(JSON.stringify({status: error.status, error: error.error}));
  },
);
