const { createElement: h } = require('react');
const { useHistory, useLocation } = require('react-router-dom');

function Buttons() {
  const history = useHistory();
  const location = useLocation();
  return h('nav', null,
    h('b', null, location.pathname),
    h('button', { id: 'basket', onClick: () => history.push('/basket') }, 'Basket'),
    h('button', { id: 'login', onClick: () => { history.replace('/login'); } }, 'Log in'),
    h('button', { id: 'back', onClick: () => history.goBack() }, 'Back'));
}

module.exports = { Buttons };
