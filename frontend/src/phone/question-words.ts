// What added questions say by themselves; everything else is in their workbook. Chinese is the source.
import type { FaultCode, Kind, Language } from "./answers";

const zh = {
  optional: "可不填",
  clear: "清除",
  choose: "请选择",
  joiner: "、",
  types: {
    integer: "请填写整数",
    decimal: "请填写数字",
    date: "请填写日期",
    time: "请填写时间",
  } as Partial<Record<Kind, string>>,
  faults: {
    unknown: "没有这道题,请重新打开表单",
    type: "请再看看这里的填写",
    length: "太长,最多 2000 字",
    choice: "这个选项现在没有了,请重新选择",
    required: "这道题要填写",
    constraint: "不符合这道题的要求,请再看看",
  } as Record<FaultCode, string>,
};
type Words = typeof zh;
const en: Words = {
  optional: "optional",
  clear: "Clear",
  choose: "Please choose",
  joiner: ", ",
  types: {
    integer: "Please enter a whole number",
    decimal: "Please enter a number",
    date: "Please enter a date",
    time: "Please enter a time",
  },
  faults: {
    unknown: "There is no such question, please open the form again",
    type: "Please check what is entered here",
    length: "Too long, 2000 characters at most",
    choice: "This choice is no longer there, please choose again",
    required: "This needs an answer",
    constraint: "This is not what the question asks for, please check",
  },
};

export const questionWords: Record<Language, Words> = { zh, en };
