// Writes times and numbers as the reader's browser does: the server knows neither the time zone nor the language.

const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const timesOfThisYear = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit" });
const numbers = new Intl.NumberFormat();
const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const shares = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

export function localize(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.title = time.textContent; // UTC, for who compares with others
    const isShort = time.closest("td") && moment.getFullYear() === new Date().getFullYear(); // columns are narrow
    time.textContent = (isShort ? timesOfThisYear : times).format(moment);
  }
  for (const number of root.querySelectorAll("data.number")) number.textContent = numbers.format(Number(number.value));
  for (const amount of root.querySelectorAll("data.money")) amount.textContent = money.format(Number(amount.value) / 100);
  for (const share of root.querySelectorAll("data.share")) share.textContent = shares.format(Number(share.value));
}

localize(document);
