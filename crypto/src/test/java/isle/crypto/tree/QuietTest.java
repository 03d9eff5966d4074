package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Shown.Version;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No text of anything here has a name, or what attributes say: it could come into a log line. */
class QuietTest {

    private static final String SECRET = "Diary";
    private static final Id ID = new Id(3, 4);
    private static final Dot DOT = new Dot(1, 2);

    private static Here link(String name, int permissions) {
        Attributes attributes = Attributes.of(FileKind.SYMLINK, permissions, 0, 0, 0, Timestamp.EPOCH)
                .withSymlinkTarget(name)
                .withXattrs(Map.of("user." + name, name));
        return new Here(ID, attributes, Content.NONE);
    }

    private static EntryRecord record(State state) {
        String name = state instanceof Here ? SECRET : EntryRecord.PLACE;
        return new EntryRecord(DOT, name, new Origin(7, SECRET, Timestamp.EPOCH), state, DOT, List.of(), List.of());
    }

    private static List<State> states() {
        Place place = new Place(ID, SECRET);
        return List.of(
                link(SECRET, 0777),
                new Gone(null),
                new Gone(place),
                new Gone(new Place(ID, SECRET + "2")),
                new Placed(place, null),
                new Placed(place, place),
                link(SECRET, 0700),
                link(SECRET + "2", 0777));
    }

    @Test
    void noTextHasAName() {
        for (State state : states()) {
            EntryRecord record = record(state);
            Version version = new Version(ID, record);
            Draft draft = new Draft(SECRET, state, version, true, List.of(version));
            List<Object> all = new ArrayList<>(List.of(state, record, version, draft, record.made()));
            all.add(new Drafts(ID, List.of(draft)));
            all.add(new Pack(ID, ID, List.of(record), null, null, Map.of()));
            if (state instanceof Here here) {
                all.add(new Shown(SECRET, SECRET, here, List.of(version), List.of()));
                all.add(new Siblings.Candidate(SECRET, version, here));
            }
            all.forEach(each -> assertFalse(
                    each.toString().contains(SECRET) || each.toString().contains("SYMLINK"), each.getClass()::getName));
        }
    }

    /** The order of records does not come from their texts: what looks alike is still told apart. */
    @Test
    void onlyEqualRecordsAreEqualInTheirOrder() {
        List<State> states = states();
        for (int i = 0; i < states.size(); i++) {
            for (int j = 0; j < states.size(); j++) {
                int order = RecordOrder.ORDER.compare(record(states.get(i)), record(states.get(j)));
                int reverse = RecordOrder.ORDER.compare(record(states.get(j)), record(states.get(i)));
                assertEquals(Integer.signum(order), -Integer.signum(reverse));
                if (i == j) {
                    assertEquals(0, order);
                } else {
                    assertNotEquals(0, order);
                }
            }
        }
    }
}
