# SPDX-License-Identifier: MIT
"""WQL, each form of its grammar, over both bindings: one parser for all."""
import pytest

import cimxml
import wmi

V2 = "root/virtualization/v2"
A, B, C = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "ABC")


class World:
    """A host whose VMs are alpha, beta and Gamma'5, and the faces by which it is asked."""

    def __init__(self, daemon):
        for name, guid in (("alpha", A), ("beta", B), ("Gamma'5", C)):
            daemon.cli_ok("vm", "define", name, "--id", guid)
        self.faces = [wmi.face(binding, daemon, V2, daemon.add_user(binding, "secret")) for binding in wmi.BINDINGS]
        self.host = self.faces[0].query("SELECT * FROM Msvm_ComputerSystem WHERE Caption = 'Hosting Computer System'")[0]


@pytest.fixture(scope="module")
def world(make_shared_daemon):
    return World(make_shared_daemon())


def rows(*table):
    return [pytest.param(*row, marks=pytest.mark.shows(f"wql {row[0]}"), id=f"{row[0]}-{number}")
            for number, row in enumerate(table)]


# production of the grammar, condition on Msvm_ComputerSystem, whom it finds
CONDITIONS = rows(
    ("select", "", "abch"),
    ("select", ";", "abch"),
    ("comparison", "WHERE ElementName = 'alpha'", "a"),
    ("comparison", "where elementname = \"ALPHA\"", "a"),
    ("comparison", "WHERE 'alpha' = ElementName", "a"),
    ("comparison", "WHERE ElementName <> 'alpha' AND Caption = 'Virtual Machine'", "bc"),
    ("comparison", "WHERE ElementName != 'alpha' AND Caption = 'Virtual Machine'", "bc"),
    ("comparison", "WHERE Caption = 'Virtual Machine' AND ElementName > 'alpha' AND ElementName <= 'beta'", "b"),
    ("comparison", "WHERE 'beta' >= ElementName AND 'alpha' < ElementName", "b"),
    ("comparison", "WHERE EnabledState = 3", "abc"),
    ("comparison", "WHERE EnabledState = '3'", "abc"),
    ("comparison", "WHERE EnabledState >= 2.5", "abc"),
    ("comparison", "WHERE EnabledState > -1", "abch"),
    ("escapes", "WHERE ElementName = 'gamma\\'5'", "c"),
    ("escapes", "WHERE ElementName = \"gamma'5\"", "c"),
    ("LIKE", "WHERE ElementName LIKE '%a'", "ab"),
    ("LIKE", "WHERE ElementName LIKE '_eta'", "b"),
    ("LIKE", "WHERE ElementName LIKE '[a-f]%a'", "ab"),
    ("LIKE", "WHERE ElementName LIKE '[^a-f]amma%'", "c"),
    ("LIKE", "WHERE ElementName LIKE 'lph'", ""),
    ("LIKE", f"WHERE NOT Name LIKE '{A[:8]}%' AND Caption = 'Virtual Machine'", "bc"),
    ("NULL", "WHERE OtherEnabledState IS NULL", "abch"),
    ("NULL", "WHERE OtherEnabledState IS NOT NULL", ""),
    ("NULL", "WHERE OtherEnabledState = NULL", "abch"),
    ("NULL", "WHERE ElementName <> NULL", "abch"),
    ("NULL", "WHERE OtherEnabledState = 'x' OR OtherEnabledState <> 'x'", ""),
    ("precedence", "WHERE ElementName='alpha' OR ElementName='beta' AND ElementName='alpha'", "a"),
    ("precedence", "WHERE (ElementName='alpha' OR ElementName='beta') AND ElementName='alpha'", "a"),
    ("precedence", "WHERE (ElementName='alpha' OR ElementName='beta') AND NOT ElementName='alpha'", "b"),
    ("precedence", "WHERE NOT ElementName='alpha' AND ElementName='beta'", "b"),
    ("system properties", "WHERE __CLASS = 'msvm_computersystem'", "abch"),
    ("system properties", "WHERE __NAMESPACE = 'root\\\\virtualization\\\\v2'", "abch"),
    ("system properties", f"WHERE __RELPATH LIKE '%{B}%'", "b"),
    ("system properties", f"WHERE __PATH LIKE '%{C}%'", "c"),
    ("ISA", "WHERE __THIS ISA 'CIM_ComputerSystem'", "abch"),
    ("ISA", "WHERE NOT __THIS ISA 'CIM_System'", ""),
)


@pytest.mark.parametrize("production, condition, found", CONDITIONS)
def test_conditions(world, production, condition, found):
    names = {"a": A, "b": B, "c": C, "h": world.host["Name"]}
    for face in world.faces:
        answer = face.query("SELECT * FROM Msvm_ComputerSystem " + condition)
        assert sorted(one["Name"] for one in answer) == sorted(names[letter] for letter in found)


@pytest.mark.shows("wql select")
def test_a_projection_gives_the_properties_that_are_named(world):
    for face in world.faces:
        (one,) = face.query(f"SELECT ElementName, enabledstate FROM CIM_ComputerSystem WHERE Name = '{A}'")
        assert one["ElementName"] == "alpha" and one["EnabledState"] == "3" and one["Caption"] is None


VM = f'Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="{A}"'
# production, query, what class the results have, how many there are
ASSOCIATIONS = rows(
    ("ASSOCIATORS OF", f"ASSOCIATORS OF {{{VM}}} WHERE ResultClass=Msvm_KvpExchangeComponent",
     "Msvm_KvpExchangeComponent", 1),
    ("ASSOCIATORS OF", f"associators of {{{VM}}} where assocclass = CIM_SystemDevice resultclass = CIM_LogicalDevice "
     "role = GroupComponent resultrole = PartComponent", "Msvm_KvpExchangeComponent", 1),
    ("ASSOCIATORS OF", f"ASSOCIATORS OF {{{VM}}} WHERE AssocClass=Msvm_SystemDevice Role=PartComponent", None, 0),
    ("ASSOCIATORS OF", f"ASSOCIATORS OF {{{VM}}} WHERE AssocClass=Msvm_SettingsDefineState KeysOnly",
     "Msvm_VirtualSystemSettingData", 1),
    ("ASSOCIATORS OF", f"ASSOCIATORS OF {{{VM}}} WHERE RequiredQualifier=Nope", None, 0),
    ("ASSOCIATORS OF", f"ASSOCIATORS OF {{{VM}}} WHERE ResultClass=Msvm_KvpExchangeComponent "
     "RequiredAssocQualifier=Association", "Msvm_KvpExchangeComponent", 1),
    ("REFERENCES OF", f"REFERENCES OF {{{VM}}} WHERE ResultClass=Msvm_SystemDevice Role=GroupComponent;",
     "Msvm_SystemDevice", 1),
    ("REFERENCES OF", f"REFERENCES OF {{{VM}}} WHERE ResultClass=Msvm_SystemDevice RequiredQualifier=Association",
     "Msvm_SystemDevice", 1),
    ("path", f"ASSOCIATORS OF {{{V2}:{VM}}} WHERE ResultClass=Msvm_KvpExchangeComponent", "Msvm_KvpExchangeComponent", 1),
    ("path", "ASSOCIATORS OF {\\\\HOST\\root\\virtualization\\v2:" + VM + "} WHERE ResultClass=Msvm_KvpExchangeComponent",
     "Msvm_KvpExchangeComponent", 1),
    ("path", "ASSOCIATORS OF {" + VM.replace('"', "'") + "} WHERE ResultClass=Msvm_KvpExchangeComponent",
     "Msvm_KvpExchangeComponent", 1),
)


@pytest.mark.parametrize("production, query, class_name, count", ASSOCIATIONS)
def test_associations(world, production, query, class_name, count):
    for face in world.faces:
        assert [one.class_name for one in face.query(query)] == [class_name] * count


REFUSED = rows(*(("refused", query) for query in (
    "", "SELECT", "SELECT * FROM", "SELECT * FROM Msvm_ComputerSystem WHERE", "SELECT Nope FROM Msvm_ComputerSystem",
    "SELECT * FROM Msvm_ComputerSystem WHERE Nope = 1", "SELECT * FROM Msvm_ComputerSystem WHERE Roles = 'x'",
    "SELECT * FROM Msvm_ComputerSystem WHERE EnabledState = 'many'", "SELECT * FROM Msvm_ComputerSystem WHERE Name = 'x",
    "SELECT * FROM Msvm_ComputerSystem WHERE Name LIKE 5", "SELECT * FROM Msvm_ComputerSystem GROUP WITHIN 10",
    "SELECT * FROM Msvm_ComputerSystem GROUP WITHIN 10 HAVING NumberOfEvents > 3", "SELECT * FROM Msvm_ComputerSystem HAVING x",
    "SELECT * FROM Msvm_ComputerSystem; SELECT * FROM Msvm_ComputerSystem", "DELETE FROM Msvm_ComputerSystem",
    "SELECT * FROM __InstanceModificationEvent WITHIN 2 WHERE TargetInstance ISA 'Msvm_ComputerSystem'",
    f"ASSOCIATORS OF {{{VM}}} WHERE AssocClass=CIM_SystemDevice AND ResultClass=CIM_LogicalDevice",
    f"ASSOCIATORS OF {{{VM}}} WHERE Colour=red", "ASSOCIATORS OF {x", f"REFERENCES OF {{{VM}}} WHERE ResultRole=x",
    "SELECT * FROM Msvm_ComputerSystem WHERE " + "(" * 1000, "SELECT * FROM Msvm_ComputerSystem WHERE " + "NOT " * 1000,
    "SELECT * FROM Msvm_ComputerSystem WHERE Name = '" + "x" * 100000 + "'")))


@pytest.mark.parametrize("production, query", REFUSED)
def test_what_is_no_query_is_refused(world, production, query):
    for face in world.faces:
        if isinstance(face, wmi.Cimxml):
            cimxml.expect_error(15, face.query, query)
        else:
            assert face.refusal(query) == "CannotProcessFilter"
