"""The bodies that the templates of the comparison with Velocity are rendered with."""

from __future__ import annotations

BODIES = (
    '{"name":"Bob","age":42,"big":12345678901,"pi":3.14,"exact":1.10,"huge":123456789012345678901234567890,'
    '"long":0.12345678901234567890,"yes":true,"no":false,"nil":null,"list":[1,"two",3.0,null,{"k":"v/w"}],'
    '"map":{"a":"b","n":{"m":[1,2]}},"empty":{},"none":[],"text":"it\'s \\"q\\" <b> é\\n","date":"2024-01-02",'
    '"items":[{"id":1,"name":"x"},{"id":2,"name":"y"},{"id":3,"name":"z"}]}',
    "{}",
    '[1,2,[3,4],{"a":1}]',
    "{statusCode: 200, 'single': 'q', list: [1,2,], text: plain words}",
)
