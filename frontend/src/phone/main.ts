// The phone app: opens what is kept on this phone and shows it.
import { open } from "./engine";

void open();
