// The map of a trip or a township: schools, villages and roads on plain ground; tiles only where they are configured.
import * as L from "leaflet";
import { dataOf } from "./data";
import { each } from "./dom";
import { words } from "./strings";

type Point = { label: string; lat: number; lng: number; kind: "school" | "village" | "stop"; order: number | null; approximate: boolean };
type MapData = { points: Point[]; trip: [number, number][]; roads: [number, number][][] };

function marker(point: Point, shift: number): L.Marker {
  const classes = `map-mark map-mark-${point.kind}${point.approximate ? " is-approximate" : ""}`;
  const shown = document.createElement("span");
  shown.textContent = point.order === null ? "" : String(point.order);
  const size = point.kind === "village" ? 10 : point.kind === "school" ? 18 : 26;
  return L.marker([point.lat, point.lng], {
    icon: L.divIcon({ className: classes, html: shown, iconSize: [size, size], iconAnchor: [size / 2 - shift, size / 2] }),
    keyboard: false,
    zIndexOffset: point.kind === "stop" ? 1000 : point.kind === "school" ? 500 : 0,
  });
}

function kindName(point: Point): string {
  return point.kind === "school" ? words.schoolKind : point.kind === "village" ? words.villageKind : words.stopKind;
}

each<HTMLElement>("[data-map]", (ground) => {
  const data = dataOf<MapData>(ground.dataset.map!);
  if (!data) return;
  const touch = matchMedia("(pointer: coarse)").matches;
  const map = L.map(ground, {
    attributionControl: false,
    scrollWheelZoom: false,
    dragging: !touch,
    keyboard: false,
    zoomSnap: 0.25,
    fadeAnimation: false,
  });
  const tiles = document.documentElement.dataset.mapTiles;
  if (tiles) L.tileLayer(tiles).addTo(map);
  for (const road of data.roads) L.polyline(road, { className: "map-road", interactive: false }).addTo(map);
  if (data.trip.length > 1) L.polyline(data.trip, { className: "map-trip", interactive: false }).addTo(map);
  const villages: L.Marker[] = [];
  const taken = new Map<string, number>();
  for (const point of data.points) {
    // Families at the same point stand side by side.
    const spot = `${point.kind}${point.lat.toFixed(5)},${point.lng.toFixed(5)}`;
    const before = taken.get(spot) ?? 0;
    taken.set(spot, before + 1);
    const tip = document.createElement("span");
    tip.textContent = point.label;
    const mark = marker(point, before * 22);
    if (point.kind === "village") villages.push(mark);
    mark
      .addTo(map)
      .bindTooltip(tip, {
        permanent: point.kind !== "stop" || data.points.length <= 12,
        direction: point.kind === "village" ? "bottom" : "right",
        offset: point.kind === "stop" ? [10 + before * 22, before * 16] : point.kind === "school" ? [6, 0] : [0, 2],
        className: `map-label map-label-${point.kind}`,
      })
      .getElement()
      ?.setAttribute("title", `${kindName(point)} ${point.label}`);
  }
  const bounds = L.latLngBounds(data.points.map((point) => [point.lat, point.lng] as [number, number]));
  for (const road of data.roads) if (data.points.length < 2) bounds.extend(road as [number, number][]);
  const fit = () => {
    map.invalidateSize({ animate: false });
    if (bounds.isValid()) map.fitBounds(bounds, { paddingTopLeft: [28, 24], paddingBottomRight: [84, 28], maxZoom: 16, animate: false });
    // A village's name gives way to a stop beside it.
    const stops = data.points.filter((p) => p.kind === "stop").map((p) => map.latLngToContainerPoint([p.lat, p.lng]));
    for (const village of villages) {
      const at = map.latLngToContainerPoint(village.getLatLng());
      const hidden = stops.some((stop) => Math.abs(stop.y - at.y - 12) < 22 && at.x - stop.x < 110 && stop.x - at.x < 40);
      village.getTooltip()?.getElement()?.classList.toggle("is-hidden", hidden);
    }
  };
  fit();
  new ResizeObserver(fit).observe(ground);
});
