// What every page does in the browser, each part in a module of its own. Pages work without it, but for what is live.
import "./localize.js";
import "./copy.js";
import "./menus.js";
import "./times.js";
import "./charts.js";
import "./exports.js";
import "./live.js";
import "./two_pane.js";
import "./test_box.js";
import "./ticks.js";
import "./sent_once.js";
