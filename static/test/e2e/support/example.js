// Two people in the example client of the library.

import { Person } from './person.js';

/**
 * Has bob, an operator, and alice, a presenter, join the group of the example.
 * @param {import('playwright-core').Browser} browser
 * @param {import('./server.js').TestServer} server
 * @returns {Promise<[Person, Person]>}
 */
export async function enterExample(browser, server) {
  const enter = async (/** @type {string} */ name, /** @type {string} */ password) => {
    const person = await Person.arrive(browser);
    await person.page.goto(`${server.url}example/`);
    await person.page.getByLabel('Name').fill(name);
    await person.page.getByLabel('Password').fill(password);
    await person.page.getByRole('button', { name: 'Join' }).click();
    await person.page.getByText(/^In example\.$/i).waitFor();
    return person;
  };
  return [await enter('bob', 'secret'), await enter('alice', 'wonder')];
}
