<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AnswerView</name>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
</context>
<context>
    <name>AttentionPage</name>
    <message>
        <source>Other documents</source>
        <translation>Andere Dokumente</translation>
    </message>
    <message>
        <source>Attention by document</source>
        <translation>Aufmerksamkeit je Dokument</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Share of attention</source>
        <translation>Anteil der Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Ask something: each answer then shows which documents it attended to.</source>
        <translation>Stellen Sie eine Frage: Jede Antwort zeigt dann, welche Dokumente sie beachtet hat.</translation>
    </message>
    <message>
        <source>These answers were given before their attention was kept by document; ask again to see it.</source>
        <translation>Diese Antworten entstanden, bevor ihre Aufmerksamkeit je Dokument festgehalten wurde; fragen Sie noch einmal, um sie zu sehen.</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>What the documents drew of the attention that went to them, over all layers and heads.</source>
        <translation>Welchen Teil der Aufmerksamkeit, die auf Dokumente fiel, jedes davon erhielt, über alle Schichten und Köpfe.</translation>
    </message>
</context>
<context>
    <name>BranchBeside</name>
    <message>
        <source>The conversation to read beside</source>
        <translation>Das Gespräch, das daneben gelesen wird</translation>
    </message>
    <message>
        <source>Show one conversation</source>
        <translation>Nur ein Gespräch zeigen</translation>
    </message>
    <message>
        <source>Conversation beside</source>
        <translation>Gespräch daneben</translation>
    </message>
</context>
<context>
    <name>BranchFlow</name>
    <message>
        <source>Conversations</source>
        <translation>Gespräche</translation>
    </message>
    <message>
        <source>Remove the deleted conversations for good?</source>
        <translation>Die gelöschten Gespräche endgültig entfernen?</translation>
    </message>
    <message>
        <source>They cannot be brought back after that. What other conversations go on from stays.</source>
        <translation>Danach lassen sie sich nicht mehr zurückholen. Was andere Gespräche fortsetzen, bleibt.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>“%1” is deleted.</source>
        <translation>„%1“ ist gelöscht.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>The earlier answer is kept.</source>
        <translation>Die frühere Antwort ist aufgehoben.</translation>
    </message>
    <message>
        <source>Bring it back</source>
        <translation>Zurückholen</translation>
    </message>
</context>
<context>
    <name>BranchTabs</name>
    <message>
        <source>Conversations</source>
        <translation>Gespräche</translation>
    </message>
    <message>
        <source>New conversation about the same documents (Ctrl+T)</source>
        <translation>Neues Gespräch über dieselben Dokumente (Strg+T)</translation>
    </message>
    <message>
        <source>All conversations</source>
        <translation>Alle Gespräche</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neues Gespräch</translation>
    </message>
    <message>
        <source>Goes on from “%1” after answer %2</source>
        <translation>Setzt „%1“ nach Antwort %2 fort</translation>
    </message>
    <message>
        <source>Delete this conversation (Ctrl+W)</source>
        <translation>Dieses Gespräch löschen (Strg+W)</translation>
    </message>
    <message>
        <source>Rename the conversation</source>
        <translation>Gespräch umbenennen</translation>
    </message>
    <message>
        <source>Its name:</source>
        <translation>Sein Name:</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>No conversation yet</source>
        <translation>Noch kein Gespräch</translation>
    </message>
    <message>
        <source>Deleted</source>
        <translation>Gelöscht</translation>
    </message>
    <message>
        <source>Bring back “%1”</source>
        <translation>„%1“ zurückholen</translation>
    </message>
    <message>
        <source>Remove them for good…</source>
        <translation>Endgültig entfernen…</translation>
    </message>
</context>
<context>
    <name>CalibrationDialog</name>
    <message>
        <source>Calibrate the model</source>
        <translation>Modell kalibrieren</translation>
    </message>
    <message>
        <source>Calibrate %1</source>
        <translation>%1 kalibrieren</translation>
    </message>
    <message>
        <source>The model reads a text, forwards and backwards, to learn where its memory can be coarse and where it must be exact. The result is saved beside the model and used by sessions begun afterwards. It takes from half a minute for a small model to hours for a large one, and can be cancelled.</source>
        <translation>Das Modell liest einen Text, vorwärts und rückwärts, und lernt dabei, wo sein Gedächtnis grob sein darf und wo es genau sein muss. Das Ergebnis wird neben dem Modell gespeichert und gilt für Sitzungen, die danach begonnen werden. Es dauert von einer halben Minute bei einem kleinen Modell bis zu Stunden bei einem großen und lässt sich abbrechen.</translation>
    </message>
    <message>
        <source>Lectern&apos;s own text: reports, contracts, stories, code, several languages</source>
        <translation>Lecterns eigener Text: Berichte, Verträge, Erzählungen, Code, mehrere Sprachen</translation>
    </message>
    <message>
        <source>Texts of mine, like what will be read:</source>
        <translation>Eigene Texte, ähnlich denen, die gelesen werden:</translation>
    </message>
    <message>
        <source>Texts to calibrate on</source>
        <translation>Texte zum Kalibrieren</translation>
    </message>
    <message>
        <source>Choose texts…</source>
        <translation>Texte wählen…</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>Kalibrieren</translation>
    </message>
    <message>
        <source>It is not part of this installation.</source>
        <translation>Er gehört nicht zu dieser Installation.</translation>
    </message>
    <message>
        <source>Choose texts to calibrate on</source>
        <translation>Texte zum Kalibrieren wählen</translation>
    </message>
    <message>
        <source>Plain text (*.txt *.md);;All files (*)</source>
        <translation>Reiner Text (*.txt *.md);;Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>CitationChip</name>
    <message>
        <source>p. %1</source>
        <translation>S. %1</translation>
    </message>
    <message>
        <source>p. %1 (%2)</source>
        <translation>S. %1 (%2)</translation>
    </message>
    <message>
        <source>%1 %2, attended %3</source>
        <translation>%1 %2, beachtet zu %3</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>Was möchten Sie tun?</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>Befehl suchen</translation>
    </message>
</context>
<context>
    <name>ComparisonPage</name>
    <message>
        <source>Q-Norm</source>
        <translation>Q-Norm</translation>
    </message>
    <message>
        <source>no Q-Norm</source>
        <translation>ohne Q-Norm</translation>
    </message>
    <message>
        <source>no sinks</source>
        <translation>ohne Anfangstoken</translation>
    </message>
    <message numerus="yes">
        <source>%n sink(s)</source>
        <translation>
            <numerusform>%n Anfangstoken</numerusform>
            <numerusform>%n Anfangstoken</numerusform>
        </translation>
    </message>
    <message>
        <source>window %1</source>
        <translation>Fenster %1</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Settings compared</source>
        <translation>Verglichene Einstellungen</translation>
    </message>
    <message>
        <source>the comparison</source>
        <translation>der Vergleich</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>Einstellung</translation>
    </message>
    <message>
        <source>KL</source>
        <translation>KL</translation>
    </message>
    <message>
        <source>Agrees</source>
        <translation>Gleich</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Tick what is to be measured.</source>
        <translation>Kreuzen Sie an, was gemessen werden soll.</translation>
    </message>
    <message>
        <source>Divergence of its predictions from those of the fp16 cache, nats</source>
        <translation>Abstand seiner Vorhersagen von denen des fp16-Caches, in Nats</translation>
    </message>
    <message>
        <source>How often its likeliest next token is that of the fp16 cache</source>
        <translation>Wie oft sein wahrscheinlichstes nächstes Token das des fp16-Caches ist</translation>
    </message>
    <message>
        <source>Of the sampled text: lower is better</source>
        <translation>Der Textproben: niedriger ist besser</translation>
    </message>
    <message>
        <source>Of a token&apos;s keys and values, all layers together, without sinks and window</source>
        <translation>Der Keys und Values eines Tokens, alle Schichten zusammen, ohne Anfangstoken und Fenster</translation>
    </message>
    <message>
        <source>This session&apos;s own setting</source>
        <translation>Die Einstellung dieser Sitzung</translation>
    </message>
    <message>
        <source>99th percentile %1</source>
        <translation>99. Perzentil %1</translation>
    </message>
    <message>
        <source>%1%</source>
        <translation>%1&#xa0;%</translation>
    </message>
    <message>
        <source>Comparing… %1</source>
        <translation>Vergleiche… %1</translation>
    </message>
    <message>
        <source>Comparing…</source>
        <translation>Vergleiche…</translation>
    </message>
    <message>
        <source>Compare again</source>
        <translation>Noch einmal vergleichen</translation>
    </message>
    <message>
        <source>Measured on %1 places of these documents, %2.</source>
        <translation>Gemessen an %1 Stellen dieser Dokumente, %2.</translation>
    </message>
    <message>
        <source>What the ticked settings would cost, measured on samples of these documents against an fp16 cache.</source>
        <translation>Was die angekreuzten Einstellungen kosten würden, gemessen an Proben dieser Dokumente gegen einen fp16-Cache.</translation>
    </message>
    <message>
        <source>Read documents into the session first: settings are compared on their text.</source>
        <translation>Lesen Sie zuerst Dokumente ein: Einstellungen werden an ihrem Text verglichen.</translation>
    </message>
</context>
<context>
    <name>ConversationPanel</name>
    <message>
        <source>Find in this conversation</source>
        <translation>In diesem Gespräch suchen</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>What is this document about?</source>
        <translation>Worum geht es in diesem Dokument?</translation>
    </message>
    <message>
        <source>What are the main conclusions?</source>
        <translation>Was sind die wichtigsten Schlussfolgerungen?</translation>
    </message>
    <message>
        <source>Which numbers and dates matter most?</source>
        <translation>Welche Zahlen und Daten sind am wichtigsten?</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>Ask (Enter)</source>
        <translation>Fragen (Eingabetaste)</translation>
    </message>
    <message>
        <source>Stop answering (Esc)</source>
        <translation>Antwort anhalten (Esc)</translation>
    </message>
    <message>
        <source>Enter asks · Shift+Enter for a new line</source>
        <translation>Eingabetaste fragt · Umschalt+Eingabetaste für eine neue Zeile</translation>
    </message>
    <message>
        <source>Waits for the session to open…</source>
        <translation>Wartet, bis die Sitzung geöffnet ist…</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Überlegt…</translation>
    </message>
    <message>
        <source>Ask about your documents</source>
        <translation>Fragen Sie nach Ihren Dokumenten</translation>
    </message>
    <message>
        <source>Nothing to ask about yet</source>
        <translation>Noch nichts zu fragen</translation>
    </message>
    <message>
        <source>Everything on the shelf is in one context. The pages an answer attended to come with it.</source>
        <translation>Alles im Regal liegt in einem Kontext. Mit jeder Antwort kommen die Seiten, die sie beachtet hat.</translation>
    </message>
    <message>
        <source>Answers come once the documents on the shelf are read.</source>
        <translation>Antworten gibt es, sobald die Dokumente im Regal gelesen sind.</translation>
    </message>
    <message>
        <source>Ask about the documents</source>
        <translation>Frage zu den Dokumenten</translation>
    </message>
    <message>
        <source>This session is open for reading only</source>
        <translation>Diese Sitzung ist nur zum Lesen geöffnet</translation>
    </message>
    <message>
        <source>Questions wait for the present work</source>
        <translation>Fragen warten, bis die laufende Arbeit fertig ist</translation>
    </message>
    <message>
        <source>Questions are answered when all is read</source>
        <translation>Fragen werden beantwortet, wenn alles gelesen ist</translation>
    </message>
    <message>
        <source>Asking begins a conversation of its own here; the other one stays as it is</source>
        <translation>Eine Frage beginnt hier ein eigenes Gespräch; das andere bleibt, wie es ist</translation>
    </message>
    <message>
        <source>one document is off</source>
        <translation>ein Dokument ist ausgeschaltet</translation>
    </message>
    <message>
        <source>%1 documents are off</source>
        <translation>%1 Dokumente sind ausgeschaltet</translation>
    </message>
    <message>
        <source>%1 (earlier answer)</source>
        <translation>%1 (frühere Antwort)</translation>
    </message>
    <message>
        <source>They are being read. Ask already: the answer comes once all is read.</source>
        <translation>Sie werden gerade gelesen. Fragen Sie schon jetzt: Die Antwort kommt, sobald alles gelesen ist.</translation>
    </message>
    <message>
        <source>Is asked once all is read…</source>
        <translation>Wird gefragt, sobald alles gelesen ist…</translation>
    </message>
    <message>
        <source>Enter asks once all is read · Shift+Enter for a new line</source>
        <translation>Eingabetaste fragt, sobald alles gelesen ist · Umschalt+Eingabetaste für eine neue Zeile</translation>
    </message>
    <message>
        <source>Take the question back (Esc)</source>
        <translation>Frage zurücknehmen (Esc)</translation>
    </message>
</context>
<context>
    <name>DocumentFlow</name>
    <message>
        <source>Nothing has to be read again.</source>
        <translation>Nichts muss noch einmal gelesen werden.</translation>
    </message>
    <message>
        <source>%1 tokens are read again</source>
        <translation>%1 Token werden noch einmal gelesen</translation>
    </message>
    <message>
        <source>%1, in a moment.</source>
        <translation>%1, in einem Augenblick.</translation>
    </message>
    <message>
        <source>%1, about %2.</source>
        <translation>%1, etwa %2.</translation>
    </message>
    <message>
        <source>%1 documents</source>
        <translation>%1 Dokumente</translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation>„%1“</translation>
    </message>
    <message>
        <source>Take %1 out of the session?</source>
        <translation>%1 aus der Sitzung nehmen?</translation>
    </message>
    <message>
        <source>Take out</source>
        <translation>Herausnehmen</translation>
    </message>
    <message>
        <source>Move %1?</source>
        <translation>%1 verschieben?</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>Read what has changed on disk again?</source>
        <translation>Was sich auf der Platte geändert hat, neu lesen?</translation>
    </message>
    <message>
        <source>About %1 tokens are read again.</source>
        <translation>Etwa %1 Token werden noch einmal gelesen.</translation>
    </message>
    <message>
        <source>Up to %1 tokens are read again: the new text, and what follows it.</source>
        <translation>Bis zu %1 Token werden noch einmal gelesen: der neue Text und was ihm folgt.</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>Dokumente</translation>
    </message>
    <message>
        <source>Conversations stay, and are computed again where they go on.</source>
        <translation>Gespräche bleiben und werden neu berechnet, wenn sie weitergehen.</translation>
    </message>
    <message>
        <source>%1 is out of the session.</source>
        <translation>%1 ist aus der Sitzung genommen.</translation>
    </message>
    <message>
        <source>%1 are out of the session.</source>
        <translation>%1 sind aus der Sitzung genommen.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>DropZone</name>
    <message>
        <source>Drop documents here</source>
        <translation>Dokumente hier ablegen</translation>
    </message>
    <message>
        <source>Drop PDFs, text or Markdown here</source>
        <translation>PDF, Text oder Markdown hier ablegen</translation>
    </message>
    <message>
        <source>Files and whole folders. You see a plan before anything is read.</source>
        <translation>Dateien und ganze Ordner. Bevor etwas gelesen wird, sehen Sie einen Plan.</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>Dateien wählen…</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
</context>
<context>
    <name>ExportFlow</name>
    <message>
        <source>There is no answer to export yet.</source>
        <translation>Es gibt noch keine Antwort zum Exportieren.</translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>Gespräch exportieren</translation>
    </message>
    <message>
        <source>There is no summary to export yet.</source>
        <translation>Es gibt noch keine Zusammenfassung zum Exportieren.</translation>
    </message>
    <message>
        <source>Export the summary</source>
        <translation>Zusammenfassung exportieren</translation>
    </message>
    <message>
        <source>Summary of %1</source>
        <translation>Zusammenfassung von %1</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>Webseite (*.html)</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Exported to %1.</source>
        <translation>Exportiert nach %1.</translation>
    </message>
</context>
<context>
    <name>FidelityCard</name>
    <message>
        <source>Close</source>
        <translation>Nah</translation>
    </message>
    <message>
        <source>Noticeable</source>
        <translation>Merklich</translation>
    </message>
    <message>
        <source>Poor</source>
        <translation>Schlecht</translation>
    </message>
    <message>
        <source>Fidelity</source>
        <translation>Treue</translation>
    </message>
    <message>
        <source>Calibrate the model…</source>
        <translation>Modell kalibrieren…</translation>
    </message>
    <message>
        <source>Checking… %1</source>
        <translation>Prüfe… %1</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Prüfe…</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Noch einmal prüfen</translation>
    </message>
    <message>
        <source>Check fidelity</source>
        <translation>Treue prüfen</translation>
    </message>
    <message>
        <source>How far answers are from those of an uncompressed cache: measured on samples of these documents.</source>
        <translation>Wie weit Antworten von denen eines unkomprimierten Caches entfernt sind: gemessen an Proben dieser Dokumente.</translation>
    </message>
    <message>
        <source>Same likeliest next word as with an fp16 cache at %1 of %2 places; KL divergence %3.</source>
        <translation>Dasselbe wahrscheinlichste nächste Wort wie mit einem fp16-Cache an %1 von %2 Stellen; KL-Divergenz %3.</translation>
    </message>
    <message>
        <source>%1, 99th percentile of the divergence %2 nats</source>
        <translation>%1, 99. Perzentil der Divergenz %2 Nats</translation>
    </message>
    <message>
        <source>Use more bits with this model.</source>
        <translation>Nehmen Sie für dieses Modell mehr Bits.</translation>
    </message>
    <message>
        <source>Calibrate the model, or use more bits.</source>
        <translation>Kalibrieren Sie das Modell, oder nehmen Sie mehr Bits.</translation>
    </message>
    <message>
        <source>Thresholds and codebooks come from the model&apos;s calibration.</source>
        <translation>Schwellen und Codebücher stammen aus der Kalibrierung des Modells.</translation>
    </message>
    <message>
        <source>Not calibrated: thresholds come from the first tokens that were read.</source>
        <translation>Nicht kalibriert: Die Schwellen stammen von den ersten gelesenen Token.</translation>
    </message>
</context>
<context>
    <name>FigureSaver</name>
    <message>
        <source>%1 cannot be written (%2); choose another folder.</source>
        <translation>%1 kann nicht geschrieben werden (%2); wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 exportieren</translation>
    </message>
    <message>
        <source>Picture (PNG)…</source>
        <translation>Bild (PNG)…</translation>
    </message>
    <message>
        <source>Drawing (SVG)…</source>
        <translation>Zeichnung (SVG)…</translation>
    </message>
    <message>
        <source>Numbers (CSV)…</source>
        <translation>Zahlen (CSV)…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1-Dateien (*.%2)</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Previous match</source>
        <translation>Vorige Fundstelle</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Nächste Fundstelle</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>Suche schließen</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Nicht gefunden</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
</context>
<context>
    <name>HeatMapView</name>
    <message>
        <source>%1 by layer</source>
        <translation>%1 je Schicht</translation>
    </message>
    <message>
        <source>no such number</source>
        <translation>keine solche Zahl</translation>
    </message>
    <message>
        <source>Layer %1, keys: %2</source>
        <translation>Schicht %1, Keys: %2</translation>
    </message>
    <message>
        <source>Layer %1, values: %2</source>
        <translation>Schicht %1, Values: %2</translation>
    </message>
</context>
<context>
    <name>LayerPage</name>
    <message>
        <source>What the map shows</source>
        <translation>Was die Karte zeigt</translation>
    </message>
    <message>
        <source>the map</source>
        <translation>die Karte</translation>
    </message>
    <message>
        <source>Layer %1, keys</source>
        <translation>Schicht %1, Keys</translation>
    </message>
    <message>
        <source>Layer %1, values</source>
        <translation>Schicht %1, Values</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 Bits</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>%1 outliers</source>
        <translation>%1 Ausreißer</translation>
    </message>
    <message>
        <source>%1 dB</source>
        <translation>%1 dB</translation>
    </message>
    <message>
        <source>measured on %1</source>
        <translation>gemessen an %1</translation>
    </message>
    <message>
        <source>Kept in fp16 by this session&apos;s setting: nothing is quantized here.</source>
        <translation>Nach der Einstellung dieser Sitzung in fp16 gehalten: Hier wird nichts quantisiert.</translation>
    </message>
    <message>
        <source>Dotted lines part the heads.</source>
        <translation>Gepunktete Linien trennen die Köpfe.</translation>
    </message>
    <message>
        <source>The outermost bars hold all that lies further out.</source>
        <translation>Die äußersten Balken enthalten alles, was weiter außen liegt.</translation>
    </message>
    <message>
        <source>Ask something: this then shows how much each layer looks at the documents.</source>
        <translation>Fragen Sie etwas: Dann zeigt dies, wie sehr jede Schicht auf die Dokumente achtet.</translation>
    </message>
</context>
<context>
    <name>LinkFlow</name>
    <message>
        <source>The link %1 names no page of a session file.</source>
        <translation>Der Link %1 nennt keine Seite einer Sitzungsdatei.</translation>
    </message>
    <message>
        <source>The session %1 that the link names is not there.</source>
        <translation>Die Sitzung %1, die der Link nennt, gibt es nicht.</translation>
    </message>
    <message>
        <source>The page that the link names is not in this session.</source>
        <translation>Die Seite, die der Link nennt, ist nicht in dieser Sitzung.</translation>
    </message>
    <message>
        <source>Open a page in the reader first.</source>
        <translation>Öffnen Sie zuerst eine Seite im Leser.</translation>
    </message>
    <message>
        <source>The link to page %1 of %2 is on the clipboard.</source>
        <translation>Der Link auf Seite %1 von %2 liegt in der Zwischenablage.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Lectern</source>
        <translation>Lectern</translation>
    </message>
    <message>
        <source>Hide %1</source>
        <translation>%1 ausblenden</translation>
    </message>
    <message>
        <source>Shelf</source>
        <translation>Regal</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>Leser</translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation>Quantisierung</translation>
    </message>
    <message>
        <source>Counting the tokens with the other model</source>
        <translation>Zähle die Token mit dem anderen Modell</translation>
    </message>
    <message>
        <source>About “%1” (%2, p. %3):</source>
        <translation>Zu „%1“ (%2, S. %3):</translation>
    </message>
    <message>
        <source>&amp;New session…</source>
        <translation>&amp;Neue Sitzung…</translation>
    </message>
    <message>
        <source>&amp;Open session…</source>
        <translation>Sitzung ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>&amp;Add documents…</source>
        <translation>Dokumente &amp;hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Start page</source>
        <translation>&amp;Startseite</translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Ask</source>
        <translation>&amp;Fragen</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>Answer a&amp;gain</source>
        <translation>N&amp;och einmal antworten</translation>
    </message>
    <message>
        <source>&amp;Edit the last question</source>
        <translation>Letzte Frage &amp;bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Copy the last answer</source>
        <translation>Letzte Antwort &amp;kopieren</translation>
    </message>
    <message>
        <source>E&amp;xport…</source>
        <translation>E&amp;xportieren…</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>&amp;Suchen</translation>
    </message>
    <message>
        <source>Find in the &amp;document</source>
        <translation>Im &amp;Dokument suchen</translation>
    </message>
    <message>
        <source>&amp;Go to page</source>
        <translation>&amp;Gehe zu Seite</translation>
    </message>
    <message>
        <source>Next page</source>
        <translation>Nächste Seite</translation>
    </message>
    <message>
        <source>Previous page</source>
        <translation>Vorige Seite</translation>
    </message>
    <message>
        <source>Back in the reader</source>
        <translation>Zurück im Leser</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Fit the width</source>
        <translation>An die Breite anpassen</translation>
    </message>
    <message>
        <source>Copy a &amp;link to this page</source>
        <translation>&amp;Link auf diese Seite kopieren</translation>
    </message>
    <message>
        <source>&amp;Ask about the selected text</source>
        <translation>&amp;Fragen zum ausgewählten Text</translation>
    </message>
    <message>
        <source>&amp;Thumbnails and outline</source>
        <translation>&amp;Miniaturen und Gliederung</translation>
    </message>
    <message>
        <source>Dar&amp;k pages</source>
        <translation>Dun&amp;kle Seiten</translation>
    </message>
    <message>
        <source>Filter the shelf</source>
        <translation>Regal filtern</translation>
    </message>
    <message>
        <source>&amp;Look for changed files</source>
        <translation>Nach &amp;geänderten Dateien sehen</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>Commands…</source>
        <translation>Befehle…</translation>
    </message>
    <message>
        <source>&amp;About Lectern</source>
        <translation>Ü&amp;ber Lectern</translation>
    </message>
    <message>
        <source>New con&amp;versation</source>
        <translation>Neues Ges&amp;präch</translation>
    </message>
    <message>
        <source>Go on from the last answer in a new one</source>
        <translation>Von der letzten Antwort aus in einem neuen weiter</translation>
    </message>
    <message>
        <source>Re&amp;name the conversation…</source>
        <translation>Gespräch &amp;umbenennen…</translation>
    </message>
    <message>
        <source>&amp;Delete the conversation</source>
        <translation>Gespräch &amp;löschen</translation>
    </message>
    <message>
        <source>&amp;Two conversations side by side</source>
        <translation>&amp;Zwei Gespräche nebeneinander</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>Nächstes Gespräch</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>Voriges Gespräch</translation>
    </message>
    <message>
        <source>Check &amp;fidelity</source>
        <translation>&amp;Treue prüfen</translation>
    </message>
    <message>
        <source>Compare &amp;settings</source>
        <translation>&amp;Einstellungen vergleichen</translation>
    </message>
    <message>
        <source>&amp;Calibrate the model…</source>
        <translation>Modell &amp;kalibrieren…</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Documents</source>
        <translation>D&amp;okumente</translation>
    </message>
    <message>
        <source>&amp;Conversation</source>
        <translation>&amp;Gespräch</translation>
    </message>
    <message>
        <source>All con&amp;versations</source>
        <translation>Alle Gesp&amp;räche</translation>
    </message>
    <message>
        <source>&amp;Summary</source>
        <translation>&amp;Zusammenfassung</translation>
    </message>
    <message>
        <source>&amp;Reader</source>
        <translation>&amp;Leser</translation>
    </message>
    <message>
        <source>&amp;Quality</source>
        <translation>&amp;Qualität</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Add documents</source>
        <translation>Dokumente hinzufügen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>About Lectern</source>
        <translation>Über Lectern</translation>
    </message>
    <message>
        <source>Lectern %1</source>
        <translation>Lectern %1</translation>
    </message>
    <message>
        <source>Reads very long documents with a language model whose memory is compressed with KVQuant.

Free software under the GNU General Public License, version 3 or later; it comes without any warranty.</source>
        <translation>Liest sehr lange Dokumente mit einem Sprachmodell, dessen Gedächtnis mit KVQuant komprimiert ist.

Freie Software unter der GNU General Public License, Version 3 oder später; ohne jede Gewähr.</translation>
    </message>
    <message>
        <source>Made with these libraries:</source>
        <translation>Gemacht mit diesen Bibliotheken:</translation>
    </message>
    <message>
        <source>The method: KVQuant: Towards 10 Million Context Length LLM Inference with KV Cache Quantization (arXiv:2401.18079).</source>
        <translation>Das Verfahren: KVQuant: Towards 10 Million Context Length LLM Inference with KV Cache Quantization (arXiv:2401.18079).</translation>
    </message>
    <message>
        <source>the built-in model</source>
        <translation>dem eingebauten Modell</translation>
    </message>
    <message>
        <source>Calibrating…</source>
        <translation>Kalibriere…</translation>
    </message>
    <message>
        <source>Cancel keeps the plan.</source>
        <translation>Abbrechen behält den Plan.</translation>
    </message>
    <message>
        <source>Calibrating… %1</source>
        <translation>Kalibriere… %1</translation>
    </message>
    <message>
        <source>Calibrate…</source>
        <translation>Kalibrieren…</translation>
    </message>
    <message>
        <source>Preparing the session with the calibration</source>
        <translation>Bereite die Sitzung mit der Kalibrierung vor</translation>
    </message>
    <message>
        <source>The model is calibrated (%1 tokens in %2).</source>
        <translation>Das Modell ist kalibriert (%1 Token in %2).</translation>
    </message>
    <message>
        <source>Sessions begun from now on use it; this one keeps what it was begun with.</source>
        <translation>Sitzungen, die von jetzt an beginnen, nutzen es; diese behält, womit sie begonnen wurde.</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Reparieren</translation>
    </message>
    <message>
        <source>Read again…</source>
        <translation>Neu lesen…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>The session is repaired: %1 damaged blocks are whole.</source>
        <translation>Die Sitzung ist repariert: %1 beschädigte Blöcke sind wieder ganz.</translation>
    </message>
    <message>
        <source>%1 – Lectern</source>
        <translation>%1 – Lectern</translation>
    </message>
    <message>
        <source>Password needed</source>
        <translation>Passwort nötig</translation>
    </message>
    <message>
        <source>That did not open %1. Its password:</source>
        <translation>Damit ließ sich %1 nicht öffnen. Das Passwort:</translation>
    </message>
    <message>
        <source>%1 is locked. Its password:</source>
        <translation>%1 ist verschlossen. Das Passwort:</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Aufschließen</translation>
    </message>
    <message>
        <source>Leave it out</source>
        <translation>Weglassen</translation>
    </message>
    <message>
        <source>Read the session again</source>
        <translation>Sitzung neu lesen</translation>
    </message>
    <message>
        <source>The text of its documents is stored in the session, so it can be read again with %1.</source>
        <translation>Der Text ihrer Dokumente liegt in der Sitzung, sie kann also mit %1 neu gelesen werden.</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <source>Lectern was not closed properly the last time. “%1” is saved up to the last chunk that was read, and goes on from there.</source>
        <translation>Lectern wurde beim letzten Mal nicht richtig geschlossen. „%1“ ist bis zum letzten gelesenen Stück gespeichert und geht von dort weiter.</translation>
    </message>
    <message>
        <source>Open it</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Choose documents to read</source>
        <translation>Dokumente zum Lesen wählen</translation>
    </message>
    <message>
        <source>Documents (*.pdf *.txt *.md *.markdown);;All files (*)</source>
        <translation>Dokumente (*.pdf *.txt *.md *.markdown);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a folder to read</source>
        <translation>Ordner zum Lesen wählen</translation>
    </message>
    <message>
        <source>Open a session</source>
        <translation>Sitzung öffnen</translation>
    </message>
    <message>
        <source>Lectern sessions (*.lectern);;All files (*)</source>
        <translation>Lectern-Sitzungen (*.lectern);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>There are more documents than %1; only the first are taken.</source>
        <translation>Es sind mehr als %1 Dokumente; nur die ersten werden genommen.</translation>
    </message>
    <message>
        <source>There is no PDF, text or Markdown file in that folder.</source>
        <translation>In diesem Ordner ist keine PDF-, Text- oder Markdown-Datei.</translation>
    </message>
    <message>
        <source>Documents can be added once the present work is done or cancelled.</source>
        <translation>Dokumente lassen sich hinzufügen, wenn die laufende Arbeit fertig oder abgebrochen ist.</translation>
    </message>
    <message>
        <source>This session is open for reading only; no document can be added to it.</source>
        <translation>Diese Sitzung ist nur zum Lesen geöffnet; ihr kann kein Dokument hinzugefügt werden.</translation>
    </message>
    <message>
        <source>%1 files</source>
        <translation>%1 Dateien</translation>
    </message>
    <message>
        <source>Preparing the session with your choices</source>
        <translation>Bereite die Sitzung mit Ihrer Wahl vor</translation>
    </message>
    <message>
        <source>Save the session as</source>
        <translation>Sitzung speichern unter</translation>
    </message>
    <message>
        <source>Lectern sessions (*.lectern)</source>
        <translation>Lectern-Sitzungen (*.lectern)</translation>
    </message>
    <message>
        <source>%1 is there already; choose another name.</source>
        <translation>%1 gibt es schon; wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>Locate %1</source>
        <translation>%1 suchen</translation>
    </message>
    <message>
        <source>&amp;Summarize…</source>
        <translation>&amp;Zusammenfassen…</translation>
    </message>
    <message>
        <source>Show s&amp;ummaries</source>
        <translation>Z&amp;usammenfassungen zeigen</translation>
    </message>
    <message>
        <source>E&amp;xport the summary…</source>
        <translation>Zusammenfassung e&amp;xportieren…</translation>
    </message>
    <message>
        <source>The window speaks the new language from its next start on.</source>
        <translation>Das Fenster spricht die neue Sprache vom nächsten Start an.</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>&amp;Modelle…</translation>
    </message>
    <message>
        <source>The model does badly at %1: at %2 of the places its likeliest next word is another one than with an fp16 cache.</source>
        <translation>Mit %1 arbeitet das Modell schlecht: An %2 der Stellen hält es ein anderes nächstes Wort für das wahrscheinlichste als mit einem fp16-Cache.</translation>
    </message>
    <message>
        <source>Read the documents into a session with more bits.</source>
        <translation>Lesen Sie die Dokumente in eine Sitzung mit mehr Bits.</translation>
    </message>
    <message>
        <source>A calibration of the model may help; else more bits.</source>
        <translation>Vielleicht hilft eine Kalibrierung des Modells, sonst mehr Bits.</translation>
    </message>
    <message>
        <source>“%1” is open in another program; close it there. Its texts can be read here meanwhile.</source>
        <translation>„%1“ ist in einem anderen Programm geöffnet; schließen Sie es dort. Die Texte lassen sich hier inzwischen lesen.</translation>
    </message>
    <message>
        <source>“%1” cannot be written. Questions are answered here, and nothing is saved.</source>
        <translation>In „%1“ kann nicht geschrieben werden. Fragen werden hier beantwortet, gespeichert wird nichts.</translation>
    </message>
    <message>
        <source>The model&apos;s own chat template cannot be used; questions are put to it in the form “%1”.</source>
        <translation>Die eigene Chat-Vorlage des Modells lässt sich nicht verwenden; Fragen werden ihm in der Form „%1“ gestellt.</translation>
    </message>
    <message>
        <source>“%1” is off this list; its file stays.</source>
        <translation>„%1“ steht nicht mehr in dieser Liste; die Datei bleibt.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>The summary is deleted.</source>
        <translation>Die Zusammenfassung ist gelöscht.</translation>
    </message>
    <message>
        <source>A model is being copied: wait for it, or cancel it first.</source>
        <translation>Gerade wird ein Modell kopiert: Warten Sie darauf oder brechen Sie es zuerst ab.</translation>
    </message>
    <message>
        <source>Text in pictures is recognized by the program Tesseract, which is not installed: install it (for example: sudo apt install tesseract-ocr) and choose “Recognize text” again.</source>
        <translation>Text in Bildern erkennt das Programm Tesseract, das nicht installiert ist: installieren Sie es (zum Beispiel: sudo apt install tesseract-ocr) und wählen Sie noch einmal „Text erkennen“.</translation>
    </message>
    <message>
        <source>“%1” is damaged. What is damaged can be computed again.</source>
        <translation>„%1“ ist beschädigt. Was beschädigt ist, lässt sich neu berechnen.</translation>
    </message>
</context>
<context>
    <name>MemoryGauge</name>
    <message>
        <source>Memory of this machine</source>
        <translation>Arbeitsspeicher dieses Rechners</translation>
    </message>
    <message>
        <source>%1 for the model, its work and this session&apos;s cache</source>
        <translation>%1 für das Modell, seine Arbeit und den Cache dieser Sitzung</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>%1 von %2 frei</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>Memory of %1</source>
        <translation>Speicher von %1</translation>
    </message>
    <message>
        <source>%1 of %2 free, as seen at the start</source>
        <translation>%1 von %2 frei, Stand beim Start</translation>
    </message>
</context>
<context>
    <name>MemoryHistory</name>
    <message>
        <source>Memory over time</source>
        <translation>Speicher im Zeitverlauf</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>In memory</source>
        <translation>Im Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Nothing is read yet.</source>
        <translation>Noch ist nichts gelesen.</translation>
    </message>
    <message>
        <source>With an fp16 cache</source>
        <translation>Mit einem fp16-Cache</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>Auf der Platte</translation>
    </message>
</context>
<context>
    <name>MemoryPanel</name>
    <message>
        <source>Cache by layer</source>
        <translation>Cache je Schicht</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Bytes of the documents&apos; tokens</source>
        <translation>Bytes der Token der Dokumente</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Keys</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Values</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Model weights in the chart</source>
        <translation>Gewichte im Diagramm</translation>
    </message>
    <message>
        <source>%1×</source>
        <translation>%1×</translation>
    </message>
    <message>
        <source>smaller than
an fp16 cache</source>
        <translation>kleiner als
ein fp16-Cache</translation>
    </message>
    <message>
        <source>the size of
an fp16 cache</source>
        <translation>so groß wie
ein fp16-Cache</translation>
    </message>
    <message>
        <source>%1 instead of %2</source>
        <translation>%1 statt %2</translation>
    </message>
    <message>
        <source>Not in memory yet.</source>
        <translation>Noch nicht im Arbeitsspeicher.</translation>
    </message>
    <message>
        <source>Nothing is read yet.</source>
        <translation>Noch ist nichts gelesen.</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>On the device: %1 of weights, %2 for pages of the cache, %3 of work buffers</source>
        <translation>Auf dem Gerät: %1 Gewichte, %2 für Seiten des Caches, %3 Arbeitspuffer</translation>
    </message>
    <message>
        <source>On disk at %1</source>
        <translation>Auf dem Datenträger unter %1</translation>
    </message>
    <message>
        <source>No room there for %1 of pages: they stay on the processor</source>
        <translation>Für %1 Seiten ist dort kein Platz: sie bleiben beim Prozessor</translation>
    </message>
</context>
<context>
    <name>MessageCard</name>
    <message>
        <source>Thinking…</source>
        <translation>Überlegt…</translation>
    </message>
    <message>
        <source>The built-in model answers with quotes. For answers in its own words open a LLaMA, Mistral or Qwen model (GGUF).</source>
        <translation>Das eingebaute Modell antwortet mit Zitaten. Für Antworten in eigenen Worten öffnen Sie ein LLaMA-, Mistral- oder Qwen-Modell (GGUF).</translation>
    </message>
    <message>
        <source>Pages the answer attended to</source>
        <translation>Seiten, die die Antwort beachtet hat</translation>
    </message>
    <message>
        <source>What this answer took</source>
        <translation>Was diese Antwort gebraucht hat</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>Antwort kopieren</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>Noch einmal antworten</translation>
    </message>
    <message>
        <source>Edit the question and ask again, in a conversation of its own</source>
        <translation>Frage bearbeiten und in einem eigenen Gespräch neu stellen</translation>
    </message>
    <message>
        <source>Go on from here in a conversation of its own</source>
        <translation>Von hier in einem eigenen Gespräch weiter</translation>
    </message>
    <message>
        <source>Stopped before the first word.</source>
        <translation>Vor dem ersten Wort angehalten.</translation>
    </message>
    <message>
        <source>(no answer)</source>
        <translation>(keine Antwort)</translation>
    </message>
    <message>
        <source>“%1” — %2, %3</source>
        <translation>„%1“ — %2, %3</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>length limit reached</source>
        <translation>Längengrenze erreicht</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>%1 reused, %2 new</source>
        <translation>%1 wiederverwendet, %2 neu</translation>
    </message>
    <message>
        <source>1 document off</source>
        <translation>1 Dokument aus</translation>
    </message>
    <message>
        <source>%1 documents off</source>
        <translation>%1 Dokumente aus</translation>
    </message>
    <message>
        <source>Tokens: %1 reused, %2 read for the question, %3 answered</source>
        <translation>Token: %1 wiederverwendet, %2 für die Frage gelesen, %3 geantwortet</translation>
    </message>
    <message>
        <source>First token after %1 s, question read at %2</source>
        <translation>Erstes Token nach %1 s, Frage gelesen mit %2</translation>
    </message>
    <message>
        <source>Answer written at %1</source>
        <translation>Antwort geschrieben mit %1</translation>
    </message>
    <message>
        <source>Asked: %1</source>
        <translation>Gefragt: %1</translation>
    </message>
    <message>
        <source>seed %1</source>
        <translation>Startwert %1</translation>
    </message>
    <message>
        <source>Temperature %1</source>
        <translation>Temperatur %1</translation>
    </message>
    <message>
        <source>top-k %1</source>
        <translation>Top-k %1</translation>
    </message>
    <message>
        <source>top-p %1</source>
        <translation>Top-p %1</translation>
    </message>
    <message>
        <source>min-p %1</source>
        <translation>Min-p %1</translation>
    </message>
    <message>
        <source>repetition penalty %1</source>
        <translation>Wiederholungsstrafe %1</translation>
    </message>
    <message>
        <source>Context read for each token: %1; peak memory %2</source>
        <translation>Für jedes Token gelesener Kontext: %1; Speicherspitze %2</translation>
    </message>
    <message>
        <source>typical-p %1</source>
        <translation>Typical-p %1</translation>
    </message>
    <message>
        <source>The likeliest token each time (temperature 0)</source>
        <translation>Jedes Mal das wahrscheinlichste Token (Temperatur 0)</translation>
    </message>
    <message>
        <source>presence penalty %1</source>
        <translation>Strafe für Vorkommen %1</translation>
    </message>
    <message>
        <source>frequency penalty %1</source>
        <translation>Strafe für Häufigkeit %1</translation>
    </message>
    <message>
        <source>DRY %1</source>
        <translation>DRY %1</translation>
    </message>
    <message>
        <source>Peak memory %1</source>
        <translation>Höchster Speicherbedarf %1</translation>
    </message>
</context>
<context>
    <name>ModelChooser</name>
    <message>
        <source>%1 parameters</source>
        <translation>%1 Parameter</translation>
    </message>
    <message>
        <source>trained on %1 tokens</source>
        <translation>trainiert auf %1 Token</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Built-in: %1</source>
        <translation>Eingebaut: %1</translation>
    </message>
    <message>
        <source>Choose a model file…</source>
        <translation>Modelldatei wählen…</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Models (*.gguf *.safetensors config.json);;All files (*)</source>
        <translation>Modelle (*.gguf *.safetensors config.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>%1 as %2</source>
        <translation>%1 als %2</translation>
    </message>
    <message>
        <source>%1 fit this machine at 4 bits</source>
        <translation>%1 passen mit 4 Bits auf diesen Rechner</translation>
    </message>
    <message>
        <source>reads text alone, no images</source>
        <translation>liest nur Text, keine Bilder</translation>
    </message>
</context>
<context>
    <name>ModelFlow</name>
    <message>
        <source>“%1” is in the model folder.</source>
        <translation>„%1“ liegt im Modellordner.</translation>
    </message>
    <message>
        <source>“%1” is in the trash, from where it can be brought back.</source>
        <translation>„%1“ liegt im Papierkorb und lässt sich von dort zurückholen.</translation>
    </message>
</context>
<context>
    <name>ModelManager</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>The model that is selected</source>
        <translation>Das gewählte Modell</translation>
    </message>
    <message>
        <source>Work out its fingerprint</source>
        <translation>Fingerabdruck ermitteln</translation>
    </message>
    <message>
        <source>Reads all of the model&apos;s bytes once. Sessions know their model by it.</source>
        <translation>Liest das ganze Modell einmal. Sitzungen erkennen ihr Modell daran.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Fits at 4 bits</source>
        <translation>Passt mit 4 Bits</translation>
    </message>
    <message>
        <source>3 bits</source>
        <translation>3 Bits</translation>
    </message>
    <message>
        <source>2 bits</source>
        <translation>2 Bits</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 Bits</translation>
    </message>
    <message>
        <source>Tokens of context that fit the free memory beside the model.</source>
        <translation>Token an Kontext, die neben dem Modell in den freien Speicher passen.</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>Modell hinzufügen</translation>
    </message>
    <message>
        <source>A GGUF file…</source>
        <translation>Eine GGUF-Datei…</translation>
    </message>
    <message>
        <source>A Hugging Face folder…</source>
        <translation>Einen Hugging-Face-Ordner…</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Use for new sessions</source>
        <translation>Für neue Sitzungen verwenden</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Where to get models</source>
        <translation>Woher man Modelle bekommt</translation>
    </message>
    <message>
        <source>Where to get models: %1 has them as one file, ready to use; most people want an “Instruct” model of 3 to 8 billion parameters in Q4_K_M (2 to 5 GB). %2 has the originals as folders. LLaMA, Mistral, Qwen and Phi-3 models work here. Read the licence of a model before you use it.</source>
        <translation>Woher man Modelle bekommt: %1 hat sie als eine Datei, fertig zum Gebrauch; die meisten nehmen ein „Instruct“-Modell mit 3 bis 8 Milliarden Parametern in Q4_K_M (2 bis 5 GB). %2 hat die Originale als Ordner. Modelle der Familien LLaMA, Mistral, Qwen und Phi-3 laufen hier. Lesen Sie die Lizenz eines Modells, bevor Sie es verwenden.</translation>
    </message>
    <message>
        <source>Hugging Face, GGUF</source>
        <translation>Hugging Face (GGUF)</translation>
    </message>
    <message>
        <source>Hugging Face, safetensors</source>
        <translation>Hugging Face (safetensors)</translation>
    </message>
    <message>
        <source>Models lie in the folders that the settings name.</source>
        <translation>Modelle liegen in den Ordnern, die in den Einstellungen stehen.</translation>
    </message>
    <message>
        <source>Imported models go to %1. Further folders are named in the settings.</source>
        <translation>Importierte Modelle kommen nach %1. Weitere Ordner stehen in den Einstellungen.</translation>
    </message>
    <message>
        <source>Comes with Lectern</source>
        <translation>Gehört zu Lectern</translation>
    </message>
    <message>
        <source>Used where they are</source>
        <translation>Dort verwendet, wo sie liegen</translation>
    </message>
    <message>
        <source>cannot be used</source>
        <translation>nicht verwendbar</translation>
    </message>
    <message>
        <source>Fingerprint %1</source>
        <translation>Fingerabdruck %1</translation>
    </message>
    <message>
        <source>The open session uses it.</source>
        <translation>Die offene Sitzung verwendet es.</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>Modelle (*.gguf);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a model&apos;s folder</source>
        <translation>Ordner eines Modells wählen</translation>
    </message>
    <message>
        <source>Add “%1” to the models?</source>
        <translation>„%1“ zu den Modellen hinzufügen?</translation>
    </message>
    <message>
        <source>A copy in the model folder stays when the original goes. Used where it is, it takes no further disk, and is missing once it is moved or deleted.</source>
        <translation>Eine Kopie im Modellordner bleibt, wenn das Original verschwindet. Dort verwendet, wo es liegt, braucht es keinen weiteren Platz und fehlt, sobald es verschoben oder gelöscht wird.</translation>
    </message>
    <message>
        <source>Copy it</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Use it where it is</source>
        <translation>Dort verwenden, wo es liegt</translation>
    </message>
    <message>
        <source>“%1” is off the list; its files stay where they are.</source>
        <translation>„%1“ steht nicht mehr in der Liste; die Dateien bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Remove a model</source>
        <translation>Modell entfernen</translation>
    </message>
    <message>
        <source>Move “%1” to the trash?</source>
        <translation>„%1“ in den Papierkorb legen?</translation>
    </message>
    <message>
        <source>It does not lie in the folder for imported models.</source>
        <translation>Es liegt nicht im Ordner für importierte Modelle.</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>The model is still being copied: wait for it, or cancel it.</source>
        <translation>Das Modell wird noch kopiert: Warten Sie darauf oder brechen Sie es ab.</translation>
    </message>
    <message>
        <source>The whole folder %1 goes, with everything in it.</source>
        <translation>Der ganze Ordner %1 geht mit allem, was darin liegt.</translation>
    </message>
    <message>
        <source>These are all files of %1, its calibration with them.</source>
        <translation>Das sind alle Dateien von %1, auch die Kalibrierung.</translation>
    </message>
    <message>
        <source>These are all files of %1 (%2), its calibration with them.</source>
        <translation>Das sind alle Dateien von %1 (%2), auch die Kalibrierung.</translation>
    </message>
    <message>
        <source>Sessions made with it cannot be asked any more until it is back.</source>
        <translation>Sitzungen, die mit ihm entstanden sind, können erst wieder befragt werden, wenn es zurück ist.</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
</context>
<context>
    <name>PageView</name>
    <message>
        <source>Page</source>
        <translation>Seite</translation>
    </message>
</context>
<context>
    <name>PlanPage</name>
    <message>
        <source>%1 instead of %2 at fp16</source>
        <translation>%1 statt %2 in fp16</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>%1 frei</translation>
    </message>
    <message>
        <source>, %1 on the %2</source>
        <translation>, %1 auf %2</translation>
    </message>
    <message>
        <source>about %1, %2 free</source>
        <translation>etwa %1, %2 frei</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>texts of up to %1 tokens</source>
        <translation>Texte von bis zu %1 Token</translation>
    </message>
    <message>
        <source>. This is longer: expect weaker answers.</source>
        <translation>. Dies ist länger: Rechnen Sie mit schwächeren Antworten.</translation>
    </message>
    <message>
        <source>The longest text the model has seen while it was trained.</source>
        <translation>Der längste Text, den das Modell im Training gesehen hat.</translation>
    </message>
    <message>
        <source>not needed without compression</source>
        <translation>ohne Kompression nicht nötig</translation>
    </message>
    <message>
        <source>made for this model</source>
        <translation>für dieses Modell gemacht</translation>
    </message>
    <message>
        <source>none yet: less exact</source>
        <translation>noch keine: weniger genau</translation>
    </message>
    <message>
        <source>not for this share of outliers</source>
        <translation>nicht für diesen Anteil von Ausreißern</translation>
    </message>
    <message>
        <source>This model is not calibrated for this setting: thresholds will come from the first tokens read, which is less exact.</source>
        <translation>Dieses Modell ist für diese Einstellung nicht kalibriert: Die Schwellen kommen dann von den ersten gelesenen Token, was weniger genau ist.</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>about %1 on the %2</source>
        <translation>etwa %1 auf %2</translation>
    </message>
    <message>
        <source>processor</source>
        <translation>dem Prozessor</translation>
    </message>
    <message>
        <source>Measuring… %1</source>
        <translation>Messe… %1</translation>
    </message>
    <message>
        <source>Measure the loss on these documents</source>
        <translation>Verlust an diesen Dokumenten messen</translation>
    </message>
    <message>
        <source>next word as at 16 bits: %1%</source>
        <translation>nächstes Wort wie bei 16 Bits: %1 %</translation>
    </message>
    <message>
        <source>Measured on %1 predictions in samples of these documents, with %2% outliers kept: perplexity %3, distance to the 16-bit cache (KL) %4.</source>
        <translation>Gemessen an %1 Vorhersagen in Proben dieser Dokumente, %2 % Ausreißer genau gehalten: Perplexität %3, Abstand vom 16-Bit-Cache (KL) %4.</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>Plan</translation>
    </message>
    <message>
        <source>Documents to read</source>
        <translation>Zu lesende Dokumente</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Dokument</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Platte</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Trained on</source>
        <translation>Trainiert auf</translation>
    </message>
    <message>
        <source>Calibrate…</source>
        <translation>Kalibrieren…</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>Kalibrierung</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>Saved as</source>
        <translation>Gespeichert als</translation>
    </message>
    <message>
        <source>How the context is kept</source>
        <translation>Wie der Kontext gehalten wird</translation>
    </message>
    <message>
        <source>Outliers kept exactly</source>
        <translation>Ausreißer genau gehalten</translation>
    </message>
    <message>
        <source>Share of each vector that is kept in full precision beside the codes.</source>
        <translation>Anteil jedes Vektors, der neben den Codes in voller Genauigkeit gehalten wird.</translation>
    </message>
    <message>
        <source>First tokens in fp16</source>
        <translation>Erste Token in fp16</translation>
    </message>
    <message>
        <source>Attention sinks: the first tokens of the context stay uncompressed.</source>
        <translation>Aufmerksamkeitsanker: Die ersten Token des Kontexts bleiben unkomprimiert.</translation>
    </message>
    <message>
        <source>Newest tokens in fp16</source>
        <translation>Neueste Token in fp16</translation>
    </message>
    <message>
        <source>The recent window stays uncompressed.</source>
        <translation>Das jüngste Fenster bleibt unkomprimiert.</translation>
    </message>
    <message>
        <source>Add documents…</source>
        <translation>Dokumente hinzufügen…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>Looking at the documents…</source>
        <translation>Sehe die Dokumente an…</translation>
    </message>
    <message>
        <source>being measured…</source>
        <translation>wird gemessen…</translation>
    </message>
    <message>
        <source>%1 of its pages have no text to read (pictures only, or damaged).</source>
        <translation>%1 der Seiten haben keinen lesbaren Text (nur Bilder, oder beschädigt).</translation>
    </message>
    <message>
        <source>Nothing to read</source>
        <translation>Nichts zu lesen</translation>
    </message>
    <message>
        <source>Ready to read</source>
        <translation>Bereit zum Lesen</translation>
    </message>
    <message>
        <source>One document goes into one context.</source>
        <translation>Ein Dokument kommt in einen Kontext.</translation>
    </message>
    <message>
        <source>%1 documents go into one context.</source>
        <translation>%1 Dokumente kommen in einen Kontext.</translation>
    </message>
    <message>
        <source>%1 could not be opened and will be left out.</source>
        <translation>Nicht zu öffnen und weggelassen: %1.</translation>
    </message>
    <message>
        <source>Read 1 document</source>
        <translation>1 Dokument lesen</translation>
    </message>
    <message>
        <source>Read %1 documents</source>
        <translation>%1 Dokumente lesen</translation>
    </message>
    <message>
        <source>nothing is lost, nothing is compressed</source>
        <translation>nichts geht verloren, nichts wird komprimiert</translation>
    </message>
    <message>
        <source>same next word as at 16 bits at %1% of the places, %2</source>
        <translation>an %1% der Stellen dasselbe nächste Wort wie mit 16 Bits, %2</translation>
    </message>
    <message>
        <source>Distance to the predictions of the 16-bit cache (KL): %1 nats.</source>
        <translation>Abstand zu den Vorhersagen des 16-Bit-Caches (KL): %1 nats.</translation>
    </message>
    <message>
        <source>measured on these documents</source>
        <translation>an diesen Dokumenten gemessen</translation>
    </message>
    <message>
        <source>measured in a session with this model</source>
        <translation>in einer Sitzung mit diesem Modell gemessen</translation>
    </message>
    <message>
        <source>not measured yet with this model</source>
        <translation>mit diesem Modell noch nicht gemessen</translation>
    </message>
    <message>
        <source>not measured yet with this model; LLaMA-7B: perplexity %1 instead of %2</source>
        <translation>mit diesem Modell noch nicht gemessen; LLaMA-7B: Perplexität %1 statt %2</translation>
    </message>
    <message>
        <source>On Wikitext-2, from the KVQuant paper (arXiv:2401.18079), with 1% outliers.</source>
        <translation>Auf Wikitext-2, aus der KVQuant-Arbeit (arXiv:2401.18079), mit 1% Ausreißern.</translation>
    </message>
    <message>
        <source>Expected quality</source>
        <translation>Erwartete Güte</translation>
    </message>
    <message>
        <source>fits with %1 on the %2, %3 on the processor</source>
        <translation>passt mit %1 auf %2 und %3 beim Prozessor</translation>
    </message>
    <message>
        <source>Recognize text</source>
        <translation>Text erkennen</translation>
    </message>
    <message>
        <source>Reads the pages that are pictures with OCR</source>
        <translation>Liest die Seiten, die Bilder sind, mit OCR</translation>
    </message>
    <message>
        <source>None of the documents can be read; each says why.</source>
        <translation>Keines der Dokumente kann gelesen werden; jedes sagt, warum.</translation>
    </message>
    <message>
        <source>“%1” needs OCR: its pages are pictures.</source>
        <translation>„%1“ braucht OCR: Die Seiten sind Bilder.</translation>
    </message>
    <message>
        <source>One is pictures of pages: recognize its text, or it is left out.</source>
        <translation>Eines besteht aus Bildern von Seiten: Lassen Sie seinen Text erkennen, sonst bleibt es weg.</translation>
    </message>
    <message>
        <source>%1 are pictures of pages: recognize their text, or they are left out.</source>
        <translation>%1 bestehen aus Bildern von Seiten: Lassen Sie ihren Text erkennen, sonst bleiben sie weg.</translation>
    </message>
    <message>
        <source>. This is longer: some quotes may be missed.</source>
        <translation>. Dies ist länger: Manche Zitate werden vielleicht nicht gefunden.</translation>
    </message>
</context>
<context>
    <name>QMessageBox</name>
    <message>
        <source>Show Details...</source>
        <translation>Einzelheiten zeigen...</translation>
    </message>
    <message>
        <source>Hide Details...</source>
        <translation>Einzelheiten ausblenden...</translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Restore Defaults</source>
        <translation>Vorgaben wiederherstellen</translation>
    </message>
</context>
<context>
    <name>QuantizationPanel</name>
    <message>
        <source>Quantization</source>
        <translation>Quantisierung</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>Was gezeigt wird</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>Dokumente</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Open a session to see what quantization does to its cache.</source>
        <translation>Öffnen Sie eine Sitzung, um zu sehen, was Quantisierung mit ihrem Cache macht.</translation>
    </message>
    <message>
        <source>This session keeps its cache in fp16: nothing is quantized.</source>
        <translation>Diese Sitzung hält ihren Cache in fp16: Nichts wird quantisiert.</translation>
    </message>
    <message>
        <source>Nothing is quantized yet: the first %1 tokens stay in fp16. Read more into the session.</source>
        <translation>Noch ist nichts quantisiert: Die ersten %1 Token bleiben in fp16. Lesen Sie mehr ein.</translation>
    </message>
</context>
<context>
    <name>QuestionEdit</name>
    <message>
        <source>Question</source>
        <translation>Frage</translation>
    </message>
</context>
<context>
    <name>QuotaFlow</name>
    <message>
        <source>Recent sessions take %1 of the disk, more than the %2 set for them.</source>
        <translation>Die letzten Sitzungen belegen %1 auf dem Datenträger, mehr als die dafür festgelegten %2.</translation>
    </message>
    <message>
        <source>Make room…</source>
        <translation>Platz schaffen …</translation>
    </message>
    <message>
        <source>%1: %2, last used %3</source>
        <translation>%1: %2, zuletzt benutzt %3</translation>
    </message>
    <message>
        <source>Make room</source>
        <translation>Platz schaffen</translation>
    </message>
    <message>
        <source>Drop the caches of the sessions that were not used for longest?</source>
        <translation>Die Caches der am längsten nicht benutzten Sitzungen verwerfen?</translation>
    </message>
    <message>
        <source>Texts and conversations stay; the documents are read again when they are needed.</source>
        <translation>Texte und Gespräche bleiben; die Dokumente werden neu gelesen, wenn sie gebraucht werden.</translation>
    </message>
    <message>
        <source>Drop these caches</source>
        <translation>Diese Caches verwerfen</translation>
    </message>
    <message>
        <source>%1 of the disk are free again.</source>
        <translation>%1 auf dem Datenträger sind wieder frei.</translation>
    </message>
</context>
<context>
    <name>ReaderPanel</name>
    <message>
        <source>The text of this page is not in the session file.</source>
        <translation>Der Text dieser Seite ist nicht in der Sitzungsdatei.</translation>
    </message>
    <message>
        <source>%1 Below is the stored text of the page.</source>
        <translation>%1 Darunter steht der gespeicherte Text der Seite.</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>Aufschließen…</translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation>nichts gefunden</translation>
    </message>
    <message>
        <source>There are more; these are the first.</source>
        <translation>Es gibt mehr; dies sind die ersten.</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Back to where you were</source>
        <translation>Zurück, wo Sie waren</translation>
    </message>
    <message>
        <source>Previous page</source>
        <translation>Vorige Seite</translation>
    </message>
    <message>
        <source>Next page</source>
        <translation>Nächste Seite</translation>
    </message>
    <message>
        <source>Page number</source>
        <translation>Seitenzahl</translation>
    </message>
    <message>
        <source>Thumbnails and outline</source>
        <translation>Miniaturen und Gliederung</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Fit the width</source>
        <translation>An die Breite anpassen</translation>
    </message>
    <message>
        <source>Dark pages</source>
        <translation>Dunkle Seiten</translation>
    </message>
    <message>
        <source>Find in this document</source>
        <translation>In diesem Dokument suchen</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Vorige Fundstelle</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Nächste Fundstelle</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>Suche schließen</translation>
    </message>
    <message>
        <source>Choose a document on the shelf,
or a page below an answer.</source>
        <translation>Wählen Sie ein Dokument im Regal
oder eine Seite unter einer Antwort.</translation>
    </message>
    <message>
        <source>No page open</source>
        <translation>Keine Seite geöffnet</translation>
    </message>
    <message>
        <source>of %1 (%2)</source>
        <translation>von %1 (%2)</translation>
    </message>
    <message>
        <source>of %1</source>
        <translation>von %1</translation>
    </message>
</context>
<context>
    <name>ReaderSide</name>
    <message>
        <source>Beside the pages</source>
        <translation>Neben den Seiten</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>Gliederung</translation>
    </message>
</context>
<context>
    <name>ReadingCard</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Reading progress</source>
        <translation>Lesefortschritt</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Lese…</translation>
    </message>
    <message>
        <source>You can look at the pages in the meantime; questions are answered when all is read.</source>
        <translation>Sie können inzwischen die Seiten ansehen; Fragen werden beantwortet, wenn alles gelesen ist.</translation>
    </message>
    <message>
        <source>Reading… %1</source>
        <translation>Lese… %1</translation>
    </message>
    <message>
        <source>%1 · page %2 of %3</source>
        <translation>%1 · Seite %2 von %3</translation>
    </message>
    <message>
        <source>%1 of %2 tokens</source>
        <translation>%1 von %2 Token</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>Reading is paused</source>
        <translation>Das Lesen ist unterbrochen</translation>
    </message>
    <message>
        <source>%1 tokens are read and saved. Questions see only these until you resume.</source>
        <translation>%1 Token sind gelesen und gespeichert. Fragen sehen nur diese, bis Sie fortsetzen.</translation>
    </message>
</context>
<context>
    <name>RecentList</name>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>opens in about %1</source>
        <translation>öffnet in etwa %1</translation>
    </message>
    <message>
        <source>opens in under a second</source>
        <translation>öffnet in unter einer Sekunde</translation>
    </message>
    <message>
        <source>Recent sessions</source>
        <translation>Letzte Sitzungen</translation>
    </message>
    <message>
        <source>The file is not there any more. Click to locate or remove it.</source>
        <translation>Die Datei ist nicht mehr da. Klicken Sie, um sie zu suchen oder zu entfernen.</translation>
    </message>
    <message>
        <source>Locate…</source>
        <translation>Suchen…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Remove from this list</source>
        <translation>Aus dieser Liste entfernen</translation>
    </message>
</context>
<context>
    <name>SelectionBar</name>
    <message>
        <source>Ask about this</source>
        <translation>Danach fragen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>SettingCard</name>
    <message>
        <source>%1. %2</source>
        <translation>%1. %2</translation>
    </message>
    <message>
        <source>does not fit what is free</source>
        <translation>passt nicht in das, was frei ist</translation>
    </message>
</context>
<context>
    <name>SettingScale</name>
    <message>
        <source>Bits the context is kept with</source>
        <translation>Bits, mit denen der Kontext gehalten wird</translation>
    </message>
    <message>
        <source>Further left takes less memory, further right is closer to the uncompressed context.</source>
        <translation>Weiter links braucht weniger Speicher, weiter rechts ist näher am unkomprimierten Kontext.</translation>
    </message>
    <message>
        <source>2 bits</source>
        <translation>2 Bits</translation>
    </message>
    <message>
        <source>smallest, visible loss</source>
        <translation>am kleinsten, sichtbarer Verlust</translation>
    </message>
    <message>
        <source>3 bits</source>
        <translation>3 Bits</translation>
    </message>
    <message>
        <source>smaller, slight loss</source>
        <translation>kleiner, geringer Verlust</translation>
    </message>
    <message>
        <source>4 bits</source>
        <translation>4 Bits</translation>
    </message>
    <message>
        <source>closest to the full cache</source>
        <translation>am nächsten am vollen Cache</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 Bits</translation>
    </message>
    <message>
        <source>uncompressed, to compare</source>
        <translation>unkomprimiert, zum Vergleich</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Font size</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Vorgabe</translation>
    </message>
    <message>
        <source> pt</source>
        <translation> pt</translation>
    </message>
    <message>
        <source>Open the session of the last time</source>
        <translation>Die Sitzung vom letzten Mal öffnen</translation>
    </message>
    <message>
        <source>At the start</source>
        <translation>Beim Start</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Best available</source>
        <translation>Das beste vorhandene</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>All cores</source>
        <translation>Alle Kerne</translation>
    </message>
    <message>
        <source>Memory limit</source>
        <translation>Speichergrenze</translation>
    </message>
    <message>
        <source>What is free</source>
        <translation>Was frei ist</translation>
    </message>
    <message>
        <source> GB</source>
        <translation> GB</translation>
    </message>
    <message>
        <source>For the model&apos;s weights and the context together. What would need more is refused before the work starts.</source>
        <translation>Für die Gewichte des Modells und den Kontext zusammen. Was mehr bräuchte, wird abgelehnt, bevor die Arbeit beginnt.</translation>
    </message>
    <message>
        <source>Model folders</source>
        <translation>Modellordner</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Changes here restart the engine and reopen the session.</source>
        <translation>Änderungen hier starten die Engine neu und öffnen die Sitzung wieder.</translation>
    </message>
    <message>
        <source>Cache setting</source>
        <translation>Cache-Einstellung</translation>
    </message>
    <message>
        <source>4 bits</source>
        <translation>4 Bits</translation>
    </message>
    <message>
        <source>3 bits</source>
        <translation>3 Bits</translation>
    </message>
    <message>
        <source>2 bits</source>
        <translation>2 Bits</translation>
    </message>
    <message>
        <source>16 bits, uncompressed</source>
        <translation>16 Bits, unkomprimiert</translation>
    </message>
    <message>
        <source>Outliers kept exactly</source>
        <translation>Ausreißer genau gehalten</translation>
    </message>
    <message>
        <source>First tokens in fp16</source>
        <translation>Erste Token in fp16</translation>
    </message>
    <message>
        <source>Newest tokens in fp16</source>
        <translation>Neueste Token in fp16</translation>
    </message>
    <message>
        <source>For new sessions; the plan can change it each time.</source>
        <translation>Für neue Sitzungen; der Plan kann es jedes Mal ändern.</translation>
    </message>
    <message>
        <source>Context kept in</source>
        <translation>Kontext gehalten in</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> Token</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>0 (always the likeliest)</source>
        <translation>0 (immer das Wahrscheinlichste)</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>Strafe für Wiederholung</translation>
    </message>
    <message>
        <source>Typical-p</source>
        <translation>Typical-p</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>Strafe für Vorkommen</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>Strafe für Häufigkeit</translation>
    </message>
    <message>
        <source>Penalty for repeated phrases (DRY)</source>
        <translation>Strafe für wiederholte Wendungen (DRY)</translation>
    </message>
    <message>
        <source>Stop strings</source>
        <translation>Stoppzeichenfolgen</translation>
    </message>
    <message>
        <source>One on each line: an answer ends before the first of them.</source>
        <translation>Eine je Zeile: Eine Antwort endet vor der ersten davon.</translation>
    </message>
    <message>
        <source>A new one for each answer</source>
        <translation>Für jede Antwort ein neuer</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Choose a folder with models</source>
        <translation>Ordner mit Modellen wählen</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Sessions</source>
        <translation>Sitzungen</translation>
    </message>
    <message>
        <source>Disk for recent sessions</source>
        <translation>Speicherplatz für letzte Sitzungen</translation>
    </message>
    <message>
        <source>Any amount</source>
        <translation>Beliebig viel</translation>
    </message>
    <message>
        <source>Where they take more, you are asked whether the caches of those that were not used for longest may go. Texts and conversations always stay.</source>
        <translation>Belegen sie mehr, werden Sie gefragt, ob die Caches der am längsten nicht benutzten verworfen werden dürfen. Texte und Gespräche bleiben immer.</translation>
    </message>
    <message>
        <source>From the next start on. Some of what the engine has to say stays English.</source>
        <translation>Ab dem nächsten Start. Manches, was die Engine sagt, bleibt englisch.</translation>
    </message>
    <message>
        <source>DRY base</source>
        <translation>DRY-Basis</translation>
    </message>
    <message>
        <source>DRY allowed length</source>
        <translation>DRY: erlaubte Länge</translation>
    </message>
    <message>
        <source>How many times the penalty grows with each token that the phrase is longer.</source>
        <translation>Auf das Wievielfache die Strafe mit jedem Token steigt, um das die Wendung länger ist.</translation>
    </message>
    <message>
        <source>Tokens that may repeat before there is a penalty.</source>
        <translation>So viele Token dürfen sich ohne Strafe wiederholen.</translation>
    </message>
    <message>
        <source>Font</source>
        <translation>Schrift</translation>
    </message>
</context>
<context>
    <name>ShelfModel</name>
    <message>
        <source>Pages without text, which need OCR or are damaged: %1</source>
        <translation>Seiten ohne Text, die Texterkennung brauchen oder beschädigt sind: %1</translation>
    </message>
    <message>
        <source>The file has changed since it was read. “Read again” reads it anew, and what follows it.</source>
        <translation>Die Datei hat sich geändert, seit sie gelesen wurde. „Neu lesen“ liest sie neu, und was ihr folgt.</translation>
    </message>
    <message>
        <source>The file is not there any more; its text is kept.</source>
        <translation>Die Datei ist nicht mehr da; ihr Text ist aufbewahrt.</translation>
    </message>
    <message>
        <source>Off: questions do not read it.</source>
        <translation>Aus: Fragen lesen es nicht.</translation>
    </message>
    <message>
        <source>Documents after it were read seeing it, and earlier answers may have used it; taking it out undoes the first.</source>
        <translation>Dokumente danach wurden gelesen, als sie es sahen, und frühere Antworten haben es vielleicht genutzt; es herauszunehmen hebt das Erste auf.</translation>
    </message>
    <message>
        <source>%1 · %2 tokens</source>
        <translation>%1 · %2 Token</translation>
    </message>
    <message>
        <source>1 page</source>
        <translation>1 Seite</translation>
    </message>
    <message>
        <source>%1 pages</source>
        <translation>%1 Seiten</translation>
    </message>
    <message>
        <source>Failed: %1</source>
        <translation>Fehlgeschlagen: %1</translation>
    </message>
    <message>
        <source>Waiting · %1</source>
        <translation>Wartet · %1</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Changed on disk</source>
        <translation>Auf der Platte geändert</translation>
    </message>
    <message>
        <source>File not found</source>
        <translation>Datei nicht gefunden</translation>
    </message>
    <message>
        <source>1 page needs OCR</source>
        <translation>1 Seite braucht OCR</translation>
    </message>
    <message>
        <source>%1 pages need OCR</source>
        <translation>%1 Seiten brauchen OCR</translation>
    </message>
    <message>
        <source>%1 without text</source>
        <translation>%1 ohne Text</translation>
    </message>
    <message>
        <source>Pages whose text was recognized in pictures (OCR) and may have mistakes: %1</source>
        <translation>Seiten, deren Text in Bildern erkannt wurde (OCR) und Fehler enthalten kann: %1</translation>
    </message>
    <message>
        <source>Needs OCR</source>
        <translation>Braucht OCR</translation>
    </message>
    <message>
        <source>Reading %1 · page %2 of %3</source>
        <translation>Lese %1 · S. %2 von %3</translation>
    </message>
</context>
<context>
    <name>ShelfPanel</name>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Filter documents</source>
        <translation>Dokumente filtern</translation>
    </message>
    <message>
        <source>Add documents</source>
        <translation>Dokumente hinzufügen</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>Dokumente</translation>
    </message>
    <message>
        <source>Leave out of questions</source>
        <translation>Bei Fragen auslassen</translation>
    </message>
    <message>
        <source>Read for questions again</source>
        <translation>Wieder für Fragen lesen</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>Nach unten</translation>
    </message>
    <message>
        <source>Take out of the session…</source>
        <translation>Aus der Sitzung nehmen…</translation>
    </message>
    <message>
        <source>Read again…</source>
        <translation>Neu lesen…</translation>
    </message>
    <message>
        <source>One document has changed on disk.</source>
        <translation>Ein Dokument hat sich auf der Platte geändert.</translation>
    </message>
    <message>
        <source>%1 documents have changed on disk.</source>
        <translation>%1 Dokumente haben sich auf der Platte geändert.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Summarize…</source>
        <translation>Zusammenfassen…</translation>
    </message>
    <message>
        <source>Recognize text</source>
        <translation>Text erkennen</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabetaste</translation>
    </message>
    <message>
        <source>New line in the question</source>
        <translation>Neue Zeile in der Frage</translation>
    </message>
    <message>
        <source>Shift+Enter</source>
        <translation>Umschalt+Eingabetaste</translation>
    </message>
    <message>
        <source>Leave a document out of questions, or read it again</source>
        <translation>Ein Dokument bei Fragen auslassen oder wieder lesen</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Zoom the page</source>
        <translation>Seite vergrößern</translation>
    </message>
    <message>
        <source>Ctrl+wheel</source>
        <translation>Strg+Rad</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Start page</source>
        <translation>Startseite</translation>
    </message>
    <message>
        <source>Lectern</source>
        <translation>Lectern</translation>
    </message>
    <message>
        <source>Reads very long documents whole, and answers with the pages it looked at.</source>
        <translation>Liest sehr lange Dokumente ganz und antwortet mit den Seiten, die es angesehen hat.</translation>
    </message>
    <message>
        <source>No document at hand? Try the sample document</source>
        <translation>Kein Dokument zur Hand? Probieren Sie das Beispiel</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Recent sessions</source>
        <translation>Letzte Sitzungen</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Open a session file</source>
        <translation>Sitzungsdatei öffnen</translation>
    </message>
    <message>
        <source>Sessions appear here.

A session keeps what was read, compressed, in one file. Open it next week and ask on at once: nothing is read again.</source>
        <translation>Hier erscheinen Sitzungen.

Eine Sitzung bewahrt, was gelesen wurde, komprimiert in einer Datei. Öffnen Sie sie nächste Woche und fragen Sie sofort weiter: Nichts wird noch einmal gelesen.</translation>
    </message>
    <message>
        <source>Manage…</source>
        <translation>Verwalten…</translation>
    </message>
    <message>
        <source>Add and remove models, and see what fits this machine</source>
        <translation>Modelle hinzufügen und entfernen und sehen, was auf diesen Rechner passt</translation>
    </message>
    <message>
        <source>Quotes the sentence that answers. For answers in a model&apos;s own words choose a LLaMA, Mistral or Qwen model (GGUF).</source>
        <translation>Zitiert den Satz, der antwortet. Für Antworten in eigenen Worten wählen Sie ein LLaMA-, Mistral- oder Qwen-Modell (GGUF).</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Cancel (Esc)</source>
        <translation>Abbrechen (Esc)</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>%1 tokens in context</source>
        <translation>%1 Token im Kontext</translation>
    </message>
    <message>
        <source>, about %1 fit</source>
        <translation>, etwa %1 passen</translation>
    </message>
    <message>
        <source>What fits is counted for this setting and the memory that was free when the session was opened.</source>
        <translation>Was passt, ist für diese Einstellung gezählt und für den Speicher, der beim Öffnen der Sitzung frei war.</translation>
    </message>
    <message>
        <source>Starting the engine…</source>
        <translation>Starte die Engine…</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>Öffne…</translation>
    </message>
    <message>
        <source>Looking at the documents…</source>
        <translation>Sehe die Dokumente an…</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Lese…</translation>
    </message>
    <message>
        <source>Answering…</source>
        <translation>Antworte…</translation>
    </message>
    <message>
        <source>Repairing…</source>
        <translation>Repariere…</translation>
    </message>
    <message>
        <source>One moment…</source>
        <translation>Einen Augenblick…</translation>
    </message>
    <message>
        <source>Checking fidelity…</source>
        <translation>Prüfe die Treue…</translation>
    </message>
    <message>
        <source>Comparing settings…</source>
        <translation>Vergleiche Einstellungen…</translation>
    </message>
    <message>
        <source>Calibrating…</source>
        <translation>Kalibriere…</translation>
    </message>
    <message>
        <source>Exporting…</source>
        <translation>Exportiere…</translation>
    </message>
    <message>
        <source>Planning the summary…</source>
        <translation>Plane die Zusammenfassung…</translation>
    </message>
    <message>
        <source>Summarizing…</source>
        <translation>Fasse zusammen…</translation>
    </message>
    <message>
        <source>Measuring this machine…</source>
        <translation>Messe diesen Rechner…</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Restoring the context…</source>
        <translation>Stelle den Kontext wieder her…</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 tokens restored in %2</source>
        <translation>%1 Token wiederhergestellt in %2</translation>
    </message>
    <message>
        <source>%1; about %2 of reading saved</source>
        <translation>%1; etwa %2 Lesen gespart</translation>
    </message>
    <message>
        <source>%1 cores</source>
        <translation>%1 Kerne</translation>
    </message>
    <message>
        <source>Copying the model…</source>
        <translation>Das Modell wird kopiert…</translation>
    </message>
</context>
<context>
    <name>SummaryCard</name>
    <message>
        <source>Reading…</source>
        <translation>Lese…</translation>
    </message>
    <message>
        <source>Show this sentence in %1</source>
        <translation>Diesen Satz in %1 zeigen</translation>
    </message>
    <message>
        <source>Cut off at the most tokens.</source>
        <translation>Bei der größten Zahl von Token abgeschnitten.</translation>
    </message>
    <message>
        <source>Nothing here can be quoted as a sentence.</source>
        <translation>Hier lässt sich nichts als Satz zitieren.</translation>
    </message>
    <message>
        <source>The model had nothing to say.</source>
        <translation>Das Modell hatte nichts zu sagen.</translation>
    </message>
</context>
<context>
    <name>SummaryDialog</name>
    <message>
        <source>Summarize</source>
        <translation>Zusammenfassen</translation>
    </message>
    <message>
        <source>What to summarize</source>
        <translation>Was zusammengefasst wird</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Short: a sentence or two for each chapter</source>
        <translation>Kurz: ein, zwei Sätze je Kapitel</translation>
    </message>
    <message>
        <source>Medium: the main points of each section</source>
        <translation>Mittel: die Hauptpunkte jedes Abschnitts</translation>
    </message>
    <message>
        <source>Long: every section in some detail</source>
        <translation>Lang: jeder Abschnitt mit Einzelheiten</translation>
    </message>
    <message>
        <source>&amp;What</source>
        <translation>&amp;Was</translation>
    </message>
    <message>
        <source>&amp;Length</source>
        <translation>&amp;Länge</translation>
    </message>
    <message>
        <source>Sections of the summary</source>
        <translation>Abschnitte der Zusammenfassung</translation>
    </message>
    <message>
        <source>Section</source>
        <translation>Abschnitt</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Planning…</source>
        <translation>Plane…</translation>
    </message>
    <message>
        <source>All documents</source>
        <translation>Alle Dokumente</translation>
    </message>
    <message>
        <source>1 section</source>
        <translation>1 Abschnitt</translation>
    </message>
    <message>
        <source>%1 sections</source>
        <translation>%1 Abschnitte</translation>
    </message>
    <message>
        <source> (%1 of them are there already: it goes on after them)</source>
        <translation> (%1 davon sind schon da: Es geht nach ihnen weiter)</translation>
    </message>
    <message>
        <source>, and a lead over all of them</source>
        <translation>, und ein Vorspann über alle</translation>
    </message>
    <message>
        <source>; about %1 on this machine</source>
        <translation>; etwa %1 auf diesem Rechner</translation>
    </message>
    <message>
        <source>This model quotes: it chooses sentences of the text, word for word.</source>
        <translation>Dieses Modell zitiert: Es wählt Sätze des Textes, Wort für Wort.</translation>
    </message>
    <message>
        <source>The model writes in its own words, from one section at a time.</source>
        <translation>Das Modell schreibt in eigenen Worten, Abschnitt für Abschnitt.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>%1. %2</source>
        <translation>%1. %2</translation>
    </message>
</context>
<context>
    <name>SummaryPanel</name>
    <message>
        <source>short</source>
        <translation>kurz</translation>
    </message>
    <message>
        <source>long</source>
        <translation>lang</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>mittel</translation>
    </message>
    <message>
        <source>All documents</source>
        <translation>Alle Dokumente</translation>
    </message>
    <message>
        <source>p. %1</source>
        <translation>S. %1</translation>
    </message>
    <message>
        <source>pp. %1–%2</source>
        <translation>S. %1–%2</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>Zusammenfassung</translation>
    </message>
    <message>
        <source>Back to the conversation</source>
        <translation>Zurück zum Gespräch</translation>
    </message>
    <message>
        <source>Summaries</source>
        <translation>Zusammenfassungen</translation>
    </message>
    <message>
        <source>Summarize…</source>
        <translation>Zusammenfassen…</translation>
    </message>
    <message>
        <source>Copy the summary</source>
        <translation>Zusammenfassung kopieren</translation>
    </message>
    <message>
        <source>Summarize again</source>
        <translation>Noch einmal zusammenfassen</translation>
    </message>
    <message>
        <source>Export the summary…</source>
        <translation>Zusammenfassung exportieren…</translation>
    </message>
    <message>
        <source>Delete the summary</source>
        <translation>Zusammenfassung löschen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Progress of the summary</source>
        <translation>Fortschritt der Zusammenfassung</translation>
    </message>
    <message>
        <source>No summaries yet</source>
        <translation>Noch keine Zusammenfassungen</translation>
    </message>
    <message>
        <source>%1 · %2 · %3</source>
        <translation>%1 · %2 · %3</translation>
    </message>
    <message>
        <source>In short</source>
        <translation>In Kürze</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Section %1 of %2: %3</source>
        <translation>Abschnitt %1 von %2: %3</translation>
    </message>
    <message>
        <source>All of it in short…</source>
        <translation>Alles in Kürze…</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>noch etwa %1</translation>
    </message>
    <message>
        <source>Go on with the summary</source>
        <translation>Zusammenfassung fortsetzen</translation>
    </message>
    <message>
        <source>Going on after %1 sections that were kept.</source>
        <translation>Es geht nach %1 aufbewahrten Abschnitten weiter.</translation>
    </message>
    <message>
        <source>No summary has been made in this session yet.</source>
        <translation>In dieser Sitzung wurde noch keine Zusammenfassung gemacht.</translation>
    </message>
    <message>
        <source>Sentences of the text, chosen by %1.</source>
        <translation>Sätze des Textes, gewählt von %1.</translation>
    </message>
    <message>
        <source>Written by %1 from one section at a time.</source>
        <translation>Geschrieben von %1, Abschnitt für Abschnitt.</translation>
    </message>
    <message>
        <source>%1 tokens of documents reused, %2 new, in %3.</source>
        <translation>%1 Token der Dokumente wiederverwendet, %2 neu, in %3.</translation>
    </message>
    <message>
        <source>Stopped after %1 of %2 sections.</source>
        <translation>Angehalten nach %1 von %2 Abschnitten.</translation>
    </message>
</context>
<context>
    <name>TextPage</name>
    <message>
        <source>Text of the page</source>
        <translation>Text der Seite</translation>
    </message>
</context>
<context>
    <name>ThumbnailList</name>
    <message>
        <source>Page %1</source>
        <translation>Seite %1</translation>
    </message>
    <message>
        <source>Page %1 (%2)</source>
        <translation>Seite %1 (%2)</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
</context>
<context>
    <name>error</name>
    <message>
        <source>That did not work:</source>
        <translation>Das hat nicht geklappt:</translation>
    </message>
    <message>
        <source>That cannot be done as it was asked for:</source>
        <translation>So, wie es verlangt war, geht das nicht:</translation>
    </message>
    <message>
        <source>A file cannot be used:</source>
        <translation>Eine Datei ist nicht zu gebrauchen:</translation>
    </message>
    <message>
        <source>There is not enough room:</source>
        <translation>Der Platz reicht nicht:</translation>
    </message>
    <message>
        <source>What was saved is damaged:</source>
        <translation>Gespeichertes ist beschädigt:</translation>
    </message>
    <message>
        <source>The model is not the session&apos;s:</source>
        <translation>Das Modell ist nicht das der Sitzung:</translation>
    </message>
    <message>
        <source>Another program is using it:</source>
        <translation>Ein anderes Programm benutzt es:</translation>
    </message>
    <message>
        <source>There is no room left on the disk for “%1”. Nothing that was saved is lost: make room, then do it again.</source>
        <translation>Auf dem Datenträger ist kein Platz mehr für „%1“. Nichts Gespeichertes ist verloren: Schaffen Sie Platz und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>“%1” cannot be written: the file, its folder or its disk is read-only. Copy it to where you may write, and open the copy.</source>
        <translation>„%1“ kann nicht geschrieben werden: Die Datei, ihr Ordner oder ihr Datenträger ist schreibgeschützt. Kopieren Sie sie dorthin, wo Sie schreiben dürfen, und öffnen Sie die Kopie.</translation>
    </message>
    <message>
        <source>“%1” was made by a newer Lectern. Install the newer version to open it.</source>
        <translation>„%1“ stammt von einem neueren Lectern. Installieren Sie die neuere Version, um sie zu öffnen.</translation>
    </message>
    <message>
        <source>“%1” is not a Lectern session. Choose a .lectern file.</source>
        <translation>„%1“ ist keine Lectern-Sitzung. Wählen Sie eine .lectern-Datei.</translation>
    </message>
    <message>
        <source>“%1” is damaged. Restore it from a backup, or read its documents again.</source>
        <translation>„%1“ ist beschädigt. Stellen Sie sie aus einer Sicherung wieder her, oder lesen Sie ihre Dokumente neu ein.</translation>
    </message>
    <message>
        <source>“%1” is open in another program. Close it there, then do it again.</source>
        <translation>„%1“ ist in einem anderen Programm geöffnet. Schließen Sie sie dort und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The model “%1” is not there. Choose another one.</source>
        <translation>Das Modell „%1“ ist nicht da. Wählen Sie ein anderes.</translation>
    </message>
    <message>
        <source>“%1” cannot be used as a model: it is damaged, cut short, or of a kind that Lectern does not know. Get it again, or choose another one.</source>
        <translation>„%1“ lässt sich nicht als Modell verwenden: Es ist beschädigt, abgeschnitten oder von einer Art, die Lectern nicht kennt. Beschaffen Sie es neu, oder wählen Sie ein anderes.</translation>
    </message>
    <message>
        <source>The model “%1”, with which “%2” was made, is not there any more. Put it back where it was, or read the documents again with another one.</source>
        <translation>Das Modell „%1“, mit dem „%2“ erstellt wurde, ist nicht mehr da. Legen Sie es an seinen Platz zurück, oder lesen Sie die Dokumente mit einem anderen neu ein.</translation>
    </message>
    <message>
        <source>“%1” was made with the model “%2” and cannot be continued with “%3”.</source>
        <translation>„%1“ wurde mit dem Modell „%2“ erstellt und kann mit „%3“ nicht fortgesetzt werden.</translation>
    </message>
    <message>
        <source>Reading %1 tokens needs %2 of memory, and %3 are free. Use fewer bits or fewer documents, or raise the memory limit in the settings.</source>
        <translation>%1 Token zu lesen braucht %2 Arbeitsspeicher, frei sind %3. Nehmen Sie weniger Bits oder weniger Dokumente, oder heben Sie die Speichergrenze in den Einstellungen an.</translation>
    </message>
    <message>
        <source>Reading %1 tokens needs %2 on the disk, and %3 are free. Make room, or save the session on another disk.</source>
        <translation>%1 Token zu lesen braucht %2 auf dem Datenträger, frei sind %3. Schaffen Sie Platz, oder speichern Sie die Sitzung auf einem anderen Datenträger.</translation>
    </message>
    <message>
        <source>This needs %2 of memory on the device “%1”, and %3 are free there. Use fewer bits, fewer documents or a smaller model, or choose the CPU in the settings.</source>
        <translation>Das braucht %2 Speicher auf dem Gerät „%1“, frei sind dort %3. Nehmen Sie weniger Bits, weniger Dokumente oder ein kleineres Modell, oder wählen Sie in den Einstellungen die CPU.</translation>
    </message>
</context>
<context>
    <name>export</name>
    <message>
        <source>%1 cannot be written (%2); choose another folder.</source>
        <translation>%1 kann nicht geschrieben werden (%2); wählen Sie einen anderen Ordner.</translation>
    </message>
</context>
<context>
    <name>lectern::ui</name>
    <message>
        <source>%1 cannot be written (%2); choose another folder.</source>
        <translation>%1 kann nicht geschrieben werden (%2); wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 Token/s</translation>
    </message>
    <message>
        <source>under 1 s</source>
        <translation>unter 1 s</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>Today %1</source>
        <translation>Heute %1</translation>
    </message>
    <message>
        <source>Yesterday %1</source>
        <translation>Gestern %1</translation>
    </message>
    <message>
        <source>%1%</source>
        <translation>%1&#xa0;%</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Keys</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Values</translation>
    </message>
    <message>
        <source>%1, low</source>
        <translation>%1, niedrig</translation>
    </message>
    <message>
        <source>%1, high</source>
        <translation>%1, hoch</translation>
    </message>
    <message>
        <source>%1 … %2</source>
        <translation>%1 … %2</translation>
    </message>
    <message>
        <source>%1 %2: %3</source>
        <translation>%1 %2: %3</translation>
    </message>
    <message>
        <source>Nothing is measured here yet: read more into the session.</source>
        <translation>Hier ist noch nichts gemessen: Lesen Sie mehr ein.</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Outliers</source>
        <translation>Ausreißer</translation>
    </message>
    <message>
        <source>Signal to noise</source>
        <translation>Signal zu Rauschen</translation>
    </message>
    <message>
        <source>Drift</source>
        <translation>Drift</translation>
    </message>
    <message>
        <source>Codes in use</source>
        <translation>Genutzte Codes</translation>
    </message>
    <message>
        <source>Share of values beyond what the codes reach: they are kept exactly, beside the codes.</source>
        <translation>Anteil der Werte jenseits dessen, was die Codes erreichen: Sie werden neben den Codes genau gehalten.</translation>
    </message>
    <message>
        <source>Size of the vectors against what quantization changed in them: higher is closer to fp16.</source>
        <translation>Größe der Vektoren gegen das, was Quantisierung an ihnen verändert hat: höher ist näher an fp16.</translation>
    </message>
    <message>
        <source>Share of keys outside their thresholds: much more than the outliers asked for means that this text is unlike the calibration&apos;s. Values have no thresholds.</source>
        <translation>Anteil der Keys außerhalb ihrer Schwellen: Viel mehr als die verlangten Ausreißer heißt, dass dieser Text dem der Kalibrierung nicht gleicht. Values haben keine Schwellen.</translation>
    </message>
    <message>
        <source>Entropy of the codes: as many bits as the setting has where all codes come up equally often.</source>
        <translation>Entropie der Codes: so viele Bits, wie die Einstellung hat, wo alle Codes gleich oft vorkommen.</translation>
    </message>
    <message>
        <source>dB</source>
        <translation>dB</translation>
    </message>
    <message>
        <source>bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Value before rotation</source>
        <translation>Wert vor der Drehung</translation>
    </message>
    <message>
        <source>Thresholds</source>
        <translation>Schwellen</translation>
    </message>
    <message>
        <source>Mean magnitude</source>
        <translation>Mittlerer Betrag</translation>
    </message>
    <message>
        <source>Values and codebook</source>
        <translation>Werte und Codebuch</translation>
    </message>
    <message>
        <source>Normalised value</source>
        <translation>Normierter Wert</translation>
    </message>
    <message>
        <source>Share of values</source>
        <translation>Anteil der Werte</translation>
    </message>
    <message>
        <source>Codebook</source>
        <translation>Codebuch</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>Outliers per token</source>
        <translation>Ausreißer je Token</translation>
    </message>
    <message>
        <source>Share of tokens</source>
        <translation>Anteil der Token</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Outliers over time</source>
        <translation>Ausreißer im Zeitverlauf</translation>
    </message>
    <message>
        <source>Drift over time</source>
        <translation>Drift im Zeitverlauf</translation>
    </message>
    <message>
        <source>Share of keys outside their thresholds</source>
        <translation>Anteil der Keys außerhalb ihrer Schwellen</translation>
    </message>
    <message>
        <source>Values have no thresholds to drift from: their range is each token&apos;s own.</source>
        <translation>Values haben keine Schwellen, von denen sie abdriften könnten: Ihr Bereich ist der jedes Tokens selbst.</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>“%1” does not exist: check its name and folder.</source>
        <translation>„%1“ gibt es nicht: Prüfen Sie Namen und Ordner.</translation>
    </message>
    <message>
        <source>“%1” is a folder: give the files in it.</source>
        <translation>„%1“ ist ein Ordner: Wählen Sie die Dateien darin.</translation>
    </message>
    <message>
        <source>“%1” is no regular file: give a PDF or text file.</source>
        <translation>„%1“ ist keine gewöhnliche Datei: Wählen Sie eine PDF- oder Textdatei.</translation>
    </message>
    <message>
        <source>“%1” is empty: get a fresh copy of it.</source>
        <translation>„%1“ ist leer: Besorgen Sie eine neue Kopie.</translation>
    </message>
    <message>
        <source>“%1” cannot be opened: check that you may read it.</source>
        <translation>„%1“ lässt sich nicht öffnen: Prüfen Sie, ob Sie die Datei lesen dürfen.</translation>
    </message>
    <message>
        <source>“%1” changed while it was being read: read it again when it is complete.</source>
        <translation>„%1“ hat sich beim Lesen geändert: Lesen Sie die Datei noch einmal, wenn sie vollständig ist.</translation>
    </message>
    <message>
        <source>“%1” looks like a binary file: give a PDF, text or Markdown file.</source>
        <translation>„%1“ sieht nach einer Binärdatei aus: Wählen Sie eine PDF-, Text- oder Markdown-Datei.</translation>
    </message>
    <message>
        <source>“%1” is locked: open it with its password.</source>
        <translation>„%1“ ist gesperrt: Öffnen Sie die Datei mit ihrem Passwort.</translation>
    </message>
    <message>
        <source>“%1” does not open with this password.</source>
        <translation>„%1“ lässt sich mit diesem Passwort nicht öffnen.</translation>
    </message>
    <message>
        <source>“%1” took longer than %2 s to read: split it or save it again as a simpler PDF.</source>
        <translation>„%1“ brauchte länger als %2 s zum Lesen: Teilen Sie die Datei oder speichern Sie sie neu als einfacheres PDF.</translation>
    </message>
    <message>
        <source>“%1” holds more text than Lectern reads from one file: split it.</source>
        <translation>„%1“ enthält mehr Text, als Lectern aus einer Datei liest: Teilen Sie die Datei.</translation>
    </message>
    <message>
        <source>“%1” could not be read: it is probably damaged, get a fresh copy.</source>
        <translation>„%1“ ließ sich nicht lesen: Die Datei ist wohl beschädigt, besorgen Sie eine neue Kopie.</translation>
    </message>
    <message>
        <source>“%1” has no page that can be read: get a fresh copy of it.</source>
        <translation>„%1“ hat keine lesbare Seite: Besorgen Sie eine neue Kopie.</translation>
    </message>
    <message>
        <source>“%1” is damaged and cannot be read as a PDF: get a fresh copy of it.</source>
        <translation>„%1“ ist beschädigt und lässt sich nicht als PDF lesen: Besorgen Sie eine neue Kopie.</translation>
    </message>
    <message>
        <source>“%1” has no pages: it is empty, cut short or damaged, get a fresh copy of it.</source>
        <translation>„%1“ hat keine Seiten: Die Datei ist leer, abgeschnitten oder beschädigt, besorgen Sie eine neue Kopie.</translation>
    </message>
    <message>
        <source>“%1” is too large for Lectern: split it.</source>
        <translation>„%1“ ist zu groß für Lectern: Teilen Sie die Datei.</translation>
    </message>
    <message>
        <source>“%1” needs more memory than one document may have: split it.</source>
        <translation>„%1“ braucht mehr Speicher, als ein Dokument haben darf: Teilen Sie die Datei.</translation>
    </message>
    <message>
        <source>“%1” has no text.</source>
        <translation>„%1“ enthält keinen Text.</translation>
    </message>
    <message>
        <source>“%1” has pictures of pages and no text. Choose “Recognize text”, or run OCR over it, for example with ocrmypdf, and choose “Try again” where the new file takes the old one&apos;s place.</source>
        <translation>„%1“ hat Bilder von Seiten und keinen Text. Wählen Sie „Text erkennen“, oder lassen Sie OCR darüberlaufen, zum Beispiel mit ocrmypdf, und wählen Sie „Noch einmal versuchen“, wenn die neue Datei den Platz der alten einnimmt.</translation>
    </message>
    <message>
        <source>“%1” has pictures of pages in which OCR found no text: try a better scan.</source>
        <translation>„%1“ hat Bilder von Seiten, in denen OCR keinen Text gefunden hat: versuchen Sie es mit einem besseren Scan.</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Share of a question&apos;s attention that goes to the documents, the mean of all questions asked: layers with much of it look things up. It weighs keys and values alike.</source>
        <translation>Anteil der Aufmerksamkeit einer Frage, der auf die Dokumente fällt, im Mittel aller gestellten Fragen: Schichten mit viel davon schlagen nach. Er gilt für Keys und Values gleich.</translation>
    </message>
    <message>
        <source>This page has no text.</source>
        <translation>Diese Seite hat keinen Text.</translation>
    </message>
    <message>
        <source>This page is a picture: there is no text in it to read.</source>
        <translation>Diese Seite ist ein Bild: Sie enthält keinen lesbaren Text.</translation>
    </message>
    <message>
        <source>This page is damaged, or missing from its file.</source>
        <translation>Diese Seite ist beschädigt oder fehlt in ihrer Datei.</translation>
    </message>
</context>
<context>
    <name>lectern::ui::Geometry</name>
    <message>
        <source>K</source>
        <translation>K</translation>
    </message>
    <message>
        <source>V</source>
        <translation>V</translation>
    </message>
</context>
<context>
    <name>lectern::ui::HeatMapPainting</name>
    <message>
        <source>K</source>
        <translation>K</translation>
    </message>
    <message>
        <source>V</source>
        <translation>V</translation>
    </message>
</context>
<context>
    <name>memory</name>
    <message>
        <source>Model weights</source>
        <translation>Gewichte des Modells</translation>
    </message>
    <message>
        <source>Key codes</source>
        <translation>Codes der Keys</translation>
    </message>
    <message>
        <source>Value codes</source>
        <translation>Codes der Values</translation>
    </message>
    <message>
        <source>Outliers</source>
        <translation>Ausreißer</translation>
    </message>
    <message>
        <source>Tokens in fp16</source>
        <translation>Token in fp16</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation>Tabellen</translation>
    </message>
    <message>
        <source>Cache at fp16</source>
        <translation>Cache in fp16</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>Auf der Platte</translation>
    </message>
    <message>
        <source>Work buffers</source>
        <translation>Arbeitspuffer</translation>
    </message>
    <message>
        <source>Highest so far</source>
        <translation>Höchster bisher</translation>
    </message>
</context>
</TS>
